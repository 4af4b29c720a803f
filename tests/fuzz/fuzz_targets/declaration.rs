#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    takeback_fuzz::declaration::declaration(data);
});
