//! Ctrl-C. The tests send the signal of Unix.

use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};

use crate::server::{Reply, Server};
use crate::support::Desk;

#[test]
fn ctrl_c_drops_the_futures_of_plugins() {
    for place in ["pre_send", "post_receive"] {
        let server = Server::always(Reply::new(200));
        let desk = Desk::with_plugins(&["rest-rude"]);
        desk.write("rude", format!("wait in {place}"));
        let url = server.url("/");
        let mut command = desk.rest_command(&["GET", &url, &url, "--config=rest-rude=rude", "--plugins=plugins"]);
        let mut client = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut said = BufReader::new(client.stderr.take().unwrap());
        let lines = said.by_ref().lines().map(Result::unwrap);
        assert_eq!(lines.filter(|line| line == "rest-rude: waits").take(2).count(), 2, "{place}");
        kill_process(Pid::from_child(&client), Signal::INT).unwrap();
        let mut rest = String::new();
        said.read_to_string(&mut rest).unwrap();
        let output = client.wait_with_output().unwrap();
        assert_eq!((&*output.stdout, output.status.code()), (&b""[..], Some(130)), "{place}: {rest}");
        assert_eq!(rest, "rest-rude: farewell\nrest-rude: dropped: 2\nerror: interrupted\n");
    }
}
