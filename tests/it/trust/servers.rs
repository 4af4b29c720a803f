//! Real servers on loopback: a registry, and a server that answers as a test says. Each is
//! ended by the handle of its own process.

use crate::support::tools::{self, require};
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// A process that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A server that answers as a table says.
pub(super) struct Scripted {
    _process: Running,
    dir: TempDir,
    table: Value,
    secure: bool,
    /// The port on 127.0.0.1.
    pub(super) port: u16,
}

impl Scripted {
    /// One that speaks plain HTTP.
    pub(super) fn plain() -> Self {
        Self::start(false)
    }

    /// One with a certificate for `localhost` and `127.0.0.1`.
    pub(super) fn tls() -> Self {
        Self::start(true)
    }

    fn start(secure: bool) -> Self {
        require("python3");
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("table.json"), "{}").unwrap();
        let script = dir.path().join("server.py");
        fs::write(&script, include_str!("server.py")).unwrap();
        let mut args = vec!["server.py", "table.json", "log"];
        if secure {
            certify(dir.path());
            args.extend(["server.pem", "server.key"]);
        }
        let mut child = Command::new("python3")
            .args(args)
            .current_dir(dir.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let stdout = child.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        Self {
            _process: Running(child),
            dir,
            table: json!({}),
            secure,
            port: line.trim().parse().unwrap(),
        }
    }

    /// Lets it answer a request (`GET /path`) like this.
    pub(super) fn answers(&mut self, request: &str, answer: Value) {
        self.table[request] = answer;
        let text = self.table.to_string();
        fs::write(self.dir.path().join("table.json"), text).unwrap();
    }

    /// The address of a path, by one of the names of this machine.
    pub(super) fn at(&self, host: &str, path: &str) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        format!("{scheme}://{host}:{}{path}", self.port)
    }

    /// The certificate of the authority that vouches for it.
    pub(super) fn authority(&self) -> PathBuf {
        self.dir.path().join("ca.pem")
    }

    /// What it was asked, in order.
    pub(super) fn log(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.dir.path().join("log")).unwrap_or_default();
        let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
        lines.collect()
    }
}

/// Makes an authority and a certificate that it vouches for.
fn certify(dir: &Path) {
    let openssl = |args: &str| {
        let args: Vec<&str> = args.split(' ').collect();
        tools::run(dir, "openssl", &args);
    };
    openssl("ecparam -name prime256v1 -genkey -noout -out ca.key");
    openssl("req -x509 -key ca.key -subj /CN=tests -days 2 -out ca.pem");
    openssl("ecparam -name prime256v1 -genkey -noout -out server.key");
    openssl("req -new -key server.key -subj /CN=localhost -out server.csr");
    let names = "subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n";
    fs::write(dir.join("names"), names).unwrap();
    openssl(
        "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 \
         -extfile names -out server.pem",
    );
}

/// The registry of Debian's package.
pub(super) struct Registry {
    process: Option<Running>,
    dir: TempDir,
    /// Host and port.
    pub(super) host: String,
}

impl Registry {
    /// Starts an empty one. `more` is added to its configuration.
    pub(super) fn start(more: &str) -> Self {
        require("docker-registry");
        let dir = tempfile::tempdir().unwrap();
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = free.local_addr().unwrap().to_string();
        drop(free);
        let config = format!(
            "version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: \
             {}/blobs}}}}\nhttp: {{addr: \"{host}\"}}\n{more}",
            dir.path().display()
        );
        fs::write(dir.path().join("config.yml"), config).unwrap();
        let log = fs::File::create(dir.path().join("log")).unwrap();
        let child = Command::new("docker-registry")
            .args(["serve", "config.yml"])
            .current_dir(dir.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let started = Self {
            process: Some(Running(child)),
            dir,
            host,
        };
        started.wait();
        started
    }

    fn wait(&self) {
        for _ in 0..600 {
            if TcpStream::connect(&self.host).is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let log = fs::read_to_string(self.dir.path().join("log")).unwrap();
        panic!("the registry does not start:\n{log}");
    }

    /// Ends it.
    pub(super) fn stop(&mut self) {
        self.process = None;
    }

    /// The file in which it keeps a blob.
    pub(super) fn blob(&self, sha256: &str) -> PathBuf {
        let below = format!(
            "blobs/docker/registry/v2/blobs/sha256/{}/{sha256}/data",
            &sha256[..2]
        );
        self.dir.path().join(below)
    }
}
