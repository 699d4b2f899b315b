//! Bodies, bounded: nothing that a server sends may fill the memory.

use std::time::Duration;

use futures::StreamExt as _;
use http_body_util::{BodyDataStream, BodyExt as _};
use kube::client::Body;
use tokio::time::timeout;

use super::{HttpError, LARGEST};

/// Reads a whole body of at most `largest` bytes, waiting at most `patience` for each part of it.
pub(super) async fn collect(body: Body, largest: usize, patience: Duration) -> Result<Vec<u8>, HttpError> {
    let mut chunks = body.into_data_stream();
    let mut whole = Vec::new();
    loop {
        let next = timeout(patience, chunks.next()).await;
        let Some(chunk) = next.map_err(|_| HttpError::TimedOut { after: patience })? else { break };
        let chunk = chunk.map_err(|error| HttpError::of_client(&error))?;
        if whole.len() + chunk.len() > largest {
            return Err(HttpError::TooLarge);
        }
        whole.extend_from_slice(&chunk);
    }
    Ok(whole)
}

/// A body read line by line.
pub(in crate::cluster) struct Lines {
    chunks: BodyDataStream<Body>,
    buffer: Vec<u8>,
    /// How much of the buffer was handed out.
    taken: usize,
    /// How much of it is known to hold no further line end.
    searched: usize,
    ended: bool,
}

impl Lines {
    pub(super) fn new(body: Body) -> Self {
        Self { chunks: body.into_data_stream(), buffer: Vec::new(), taken: 0, searched: 0, ended: false }
    }

    /// The next line without its end; `None` at a clean end. A last line without an end is a line too.
    pub(in crate::cluster) async fn next(&mut self) -> Result<Option<&[u8]>, HttpError> {
        loop {
            if let Some(end) = self.buffer[self.searched..].iter().position(|byte| *byte == b'\n') {
                let line = self.taken..self.searched + end;
                self.taken = line.end + 1;
                self.searched = self.taken;
                return Ok(Some(&self.buffer[line]));
            }
            if self.ended {
                let rest = std::mem::replace(&mut self.taken, self.buffer.len())..self.buffer.len();
                self.searched = self.buffer.len();
                return Ok((!rest.is_empty()).then(|| &self.buffer[rest]));
            }
            self.fill().await?;
        }
    }

    async fn fill(&mut self) -> Result<(), HttpError> {
        self.buffer.drain(..self.taken);
        self.taken = 0;
        self.searched = self.buffer.len();
        match self.chunks.next().await {
            Some(Ok(chunk)) => self.buffer.extend_from_slice(&chunk),
            Some(Err(error)) => return Err(HttpError::of_client(&error)),
            None => self.ended = true,
        }
        if self.buffer.len() > LARGEST { Err(HttpError::TooLarge) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn lines_are_cut_at_their_ends_and_a_last_one_may_lack_it() {
        let mut lines = Lines::new(Body::from(b"one\n\ntwo\nthree".to_vec()));
        let mut seen = Vec::new();
        while let Some(line) = lines.next().await.unwrap() {
            seen.push(String::from_utf8(line.to_vec()).unwrap());
        }
        assert_eq!(seen, ["one", "", "two", "three"]);
    }

    #[tokio::test]
    async fn a_line_without_end_stops_at_the_bound() {
        let mut lines = Lines::new(Body::from(vec![b'x'; LARGEST + 1]));
        assert!(matches!(lines.next().await, Err(HttpError::TooLarge)));
    }
}
