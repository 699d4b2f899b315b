//! The page over HTTP: one request per connection, which is all that Prometheus needs.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use color_eyre::eyre::Result;

use super::{Behaviour, World, lock};

/// Serves the page on a free loopback port until this process ends.
pub(super) fn start(world: Arc<Mutex<World>>) -> Result<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            // A scraper that goes away in the middle concerns nobody.
            let _ = answer(connection, &world);
        }
    });
    Ok(address)
}

fn answer(mut connection: TcpStream, world: &Mutex<World>) -> std::io::Result<()> {
    let mut head = BufReader::new(connection.try_clone()?).lines();
    let request = head.next().transpose()?.unwrap_or_default();
    while head.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    let target = request.split(' ').nth(1).unwrap_or_default();
    let page = match target.split_once('?') {
        Some(("/set", query)) => set(world, query),
        Some(_) | None => lock(world).page(),
    };
    write!(
        connection,
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{page}",
        page.len()
    )
}

/// `/set?namespace=shop&errors=0.2&median=0.08`: how the pods of a namespace answer from now on.
fn set(world: &Mutex<World>, query: &str) -> String {
    let mut behaviour = Behaviour::GOOD;
    let mut namespace = "";
    for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
        match name {
            "namespace" => namespace = value,
            "errors" => behaviour.errors = value.parse().unwrap_or(behaviour.errors),
            "median" => behaviour.median = value.parse().unwrap_or(behaviour.median),
            _ => return format!("{name} is not known: namespace, errors, median\n"),
        }
    }
    lock(world).set.insert(namespace.to_owned(), behaviour);
    format!("{namespace}: {behaviour:?}\n")
}
