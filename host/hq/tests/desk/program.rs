//! The program of the fleet's page, asked as a browser or another system asks it.
#![allow(dead_code, reason = "each program uses its part")]

use crate::desk::{Desk, text};
use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::time::Duration;

/// The page's program, ended with the test.
pub(crate) struct Hall {
    child: Child,
    pub(crate) port: u16,
}

impl Drop for Hall {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An answer: its status, head and body.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.body))
    }
}

impl Hall {
    pub(crate) fn start(desk: &Desk) -> Self {
        Self::start_with(desk, &[])
    }

    /// Starts it with more words on its command line.
    pub(crate) fn start_with(desk: &Desk, more: &[&str]) -> Self {
        let port_file = desk.path("hall-port");
        // A folder that is kept has that of the last time.
        let _ = std::fs::remove_file(&port_file);
        let mut child = desk
            .command(&[
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--port-file",
                text(&port_file),
            ])
            .args(more)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        for _ in 0..3000 {
            let written = std::fs::read_to_string(&port_file).unwrap_or_default();
            if let Ok(port) = written.trim().parse() {
                return Self { child, port };
            }
            assert!(
                child.try_wait().unwrap().is_none(),
                "the page's program ended at once"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = child.kill();
        let _ = child.wait();
        panic!("the page's program did not start");
    }

    pub(crate) fn ask(
        &self,
        method: &str,
        path: &str,
        fields: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let host = format!("127.0.0.1:{}", self.port);
        let mut head = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
        if !fields.iter().any(|(name, _)| *name == "Host") {
            head += &format!("Host: {host}\r\n");
        }
        for (name, value) in fields {
            head += &format!("{name}: {value}\r\n");
        }
        head += &format!("Content-Length: {}\r\n\r\n{body}", body.len());
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        Answer {
            status: head
                .split(' ')
                .nth(1)
                .and_then(|s| s.parse().ok())
                .unwrap_or(0),
            head: head.to_lowercase(),
            body: body.to_owned(),
        }
    }

    pub(crate) fn get(&self, path: &str, token: &str) -> Answer {
        self.ask(
            "GET",
            path,
            &[("Authorization", &format!("Bearer {token}"))],
            "",
        )
    }
}

/// Makes a token for the clear; its secret.
pub(crate) fn token(desk: &Desk, name: &str, scope: &str) -> String {
    token_for(desk, name, scope, &[])
}

/// Makes a token with more words on the command line; its secret.
pub(crate) fn token_for(desk: &Desk, name: &str, scope: &str, more: &[&str]) -> String {
    let words = ["token", "make", name, "--scope", scope];
    desk.done(&[&words[..], more].concat())[0]["token"]
        .as_str()
        .unwrap()
        .to_owned()
}
