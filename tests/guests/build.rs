//! Makes the bindings of `newer-contract`: the contract as it is, under a version
//! that does not exist yet. Written here so that there is no second copy to keep.

use std::{env, error::Error, fs, path::Path};

const VERSION: &str = "package takeback:adapter@0.1.0;";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=../../wit/adapter.wit");
    let contract = fs::read_to_string("../../wit/adapter.wit")?;
    if !contract.contains(VERSION) {
        return Err(format!("wit/adapter.wit does not say `{VERSION}`").into());
    }
    let newer = contract.replace(VERSION, "package takeback:adapter@0.9.0;");
    let bindings =
        format!("wit_bindgen::generate!({{ inline: r####\"{newer}\"####, world: \"adapter\" }});");
    fs::write(
        Path::new(&env::var("OUT_DIR")?).join("newer_contract.rs"),
        bindings,
    )?;
    Ok(())
}
