//! The server under load, while its plugin is replaced again and again.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use plugbox_loader::testing;

/// A running server.
struct Server {
    process: Child,
    address: String,
    events: Receiver<String>,
}

impl Server {
    fn start(folder: &Path) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_serve"))
            .arg(folder)
            .arg("127.0.0.1:0")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut first).unwrap();
        let address = first.trim().strip_prefix("http://").unwrap().to_owned();
        let mut said = BufReader::new(process.stderr.take().unwrap()).lines().map_while(Result::ok);
        let (sender, events) = channel();
        thread::spawn(move || said.try_for_each(|line| sender.send(line)));
        Self { process, address, events }
    }

    /// Waits for an event with this text.
    fn says(&self, text: &str) {
        let mut said = Vec::new();
        while let Ok(line) = self.events.recv_timeout(Duration::from_secs(60)) {
            if line.contains(text) {
                return;
            }
            said.push(line);
        }
        panic!("no event with `{text}`, but {said:#?}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A client that keeps its connection.
struct Client(BufReader<TcpStream>);

impl Client {
    fn to(address: &str) -> Self {
        Self(BufReader::new(TcpStream::connect(address).unwrap()))
    }

    /// The status and the text of a page.
    fn get(&mut self, path: &str) -> (u32, String) {
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        self.0.get_mut().write_all(request.as_bytes()).unwrap();
        let (mut head, mut length) = (String::new(), 0);
        loop {
            let at = head.len();
            assert_ne!(self.0.read_line(&mut head).unwrap(), 0, "the server has closed the connection");
            let line = &head[at..];
            if let Some(value) = line.strip_prefix("Content-Length: ") {
                length = value.trim().parse().unwrap();
            }
            if line == "\r\n" {
                break;
            }
        }
        let mut text = vec![0; length];
        self.0.read_exact(&mut text).unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), String::from_utf8(text).unwrap())
    }
}

/// A copy of the plugin, because the next build overwrites the library.
fn built(folder: &Path, features: &[&str]) -> PathBuf {
    let library = testing::build_plugin_with("visits", features).unwrap();
    let copy = folder.join(format!("visits{}", features.len()));
    fs::copy(library, &copy).unwrap();
    copy
}

fn install(library: &Path, folder: &Path) {
    let partial = folder.join("partial");
    fs::copy(library, &partial).unwrap();
    fs::rename(partial, folder.join(format!("{DLL_PREFIX}visits{DLL_SUFFIX}"))).unwrap();
}

const CLIENTS: u64 = 8;
const RELOADS: usize = 20;

#[test]
fn no_request_fails_and_no_visit_is_lost_while_the_plugin_reloads_under_load() {
    let (kept, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let builds = [built(kept.path(), &[]), built(kept.path(), &["--features=next"])];
    let garbage = kept.path().join("garbage");
    install(&builds[0], folder.path());
    let server = Server::start(folder.path());
    let (done, visits) = (AtomicBool::new(false), AtomicU64::new(0));
    let texts = thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|_| {
                let mut client = Client::to(&server.address);
                let (done, visits) = (&done, &visits);
                scope.spawn(move || {
                    let mut welcomes = 0;
                    while !done.load(Ordering::Relaxed) {
                        let (status, text) = client.get("/visits");
                        assert_eq!(status, 200, "{text}");
                        visits.fetch_add(1, Ordering::Relaxed);
                        welcomes += u64::from(text.starts_with("Welcome"));
                    }
                    welcomes
                })
            })
            .collect();
        for round in 1..=RELOADS {
            if round % 5 == 0 {
                fs::write(&garbage, format!("garbage {round}")).unwrap();
                install(&garbage, folder.path());
                server.says("not reloaded");
            }
            install(&builds[round % 2], folder.path());
            server.says("with its state");
        }
        done.store(true, Ordering::Relaxed);
        clients.into_iter().map(|client| client.join().unwrap()).sum::<u64>()
    });
    let visits = visits.into_inner();
    assert!(texts > 0 && texts < visits, "both versions have answered: {texts} of {visits}");
    let mut client = Client::to(&server.address);
    assert_eq!(client.get("/visits").1, format!("You are visitor {}.\n", visits + 1));
    assert_eq!(client.get("/elsewhere").0, 404);
    println!("{visits} requests over {RELOADS} reloads");
}
