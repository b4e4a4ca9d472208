//! A web server whose pages come from plugins, which reload while it serves: `serve FOLDER [ADDRESS]`.

use std::error::Error;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use plugbox_loader::{LiveDir, Loader, Trust};
use serve_api::Pages;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("serve FOLDER [ADDRESS]")?;
    let address = arguments.next().unwrap_or("127.0.0.1:8080".to_owned());
    // SAFETY: whoever starts the server vouches for the folder, and the server never changes the environment.
    let trust = unsafe { Trust::directory(&folder)? };
    // With a umask of 002, cargo's output is group-writable.
    let loader = Loader::new(trust.allow_group_writable());
    let plugins = loader.live_dir::<dyn Pages>(&folder).watch()?;
    let events = plugins.events();
    thread::spawn(move || events.for_each(|event| eprintln!("{event}")));
    let listener = TcpListener::bind(address)?;
    println!("http://{}", listener.local_addr()?);
    for connection in listener.incoming() {
        let (connection, plugins) = (connection?, plugins.clone());
        thread::spawn(move || serve(connection, &plugins));
    }
    Ok(())
}

/// Answers the requests of one connection, until the client closes it.
fn serve(mut connection: TcpStream, plugins: &LiveDir<dyn Pages>) -> io::Result<()> {
    let mut requests = BufReader::new(connection.try_clone()?).lines();
    while let Some(first) = requests.next() {
        let first = first?;
        // The headers of the request do not matter here.
        while requests.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
        let path = first.split(' ').nth(1).unwrap_or_default();
        let (status, text) = answer(path, plugins);
        let length = text.len();
        let head = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nContent-Type: text/plain\r\n\r\n");
        connection.write_all((head + &text).as_bytes())?;
    }
    Ok(())
}

/// The page of the first plugin that has it. A plugin that panics has none, until it is reloaded.
fn answer(path: &str, plugins: &LiveDir<dyn Pages>) -> (&'static str, String) {
    for plugin in plugins.plugins() {
        match plugin.call(|pages| pages.page(path)) {
            Ok(Some(text)) => return ("200 OK", text),
            Ok(None) => {}
            Err(error) => return ("500 Internal Server Error", format!("{error}\n")),
        }
    }
    ("404 Not Found", "there is no such page\n".to_owned())
}
