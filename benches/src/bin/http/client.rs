//! One request and its answer, to sign in with and to look at what is about to be measured.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use http_body_util::{BodyExt, Full};
use hyper::{Request, body::Bytes};
use hyper_util::rt::TokioIo;
use serde_json::Value as Json;
use tokio::net::TcpStream;

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// `null` if the body is no JSON.
    pub(crate) json: Json,
    /// Of the head, without the line of the status, and of the body.
    pub(crate) bytes: usize,
    pub(crate) took: Duration,
}

/// A server, and the headers that every request to it bears.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub(crate) address: SocketAddr,
    pub(crate) headers: Vec<(&'static str, String)>,
}

impl Client {
    /// Asks for a path, or sends it a body.
    ///
    /// # Errors
    /// If the server cannot be reached or ends the connection before it has answered.
    pub(crate) async fn ask(&self, path: &str, body: Option<&Json>) -> std::io::Result<Answer> {
        let begun = Instant::now();
        let stream = TcpStream::connect(self.address).await?;
        let mut request = Request::builder()
            .method(if body.is_some() { "POST" } else { "GET" })
            .uri(path)
            .header("host", self.address.to_string());
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let body = body.map(Json::to_string).unwrap_or_default();
        let request = request.body(Full::new(Bytes::from(body))).map_err(std::io::Error::other)?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .map_err(std::io::Error::other)?;
        tokio::spawn(connection);
        let response = sender.send_request(request).await.map_err(std::io::Error::other)?;
        let status = response.status().as_u16();
        let head: usize =
            response.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
        let content = response.into_body().collect().await.map_err(std::io::Error::other)?.to_bytes();
        let json = serde_json::from_slice(&content).unwrap_or(Json::Null);
        Ok(Answer { status, json, bytes: head + content.len(), took: begun.elapsed() })
    }

    /// The same with an answer that must be a success.
    pub(crate) async fn must(&self, path: &str, body: Option<&Json>) -> Answer {
        let answer = self.ask(path, body).await;
        let answer = answer.unwrap_or_else(|error| panic!("{}{path}: {error}", self.address));
        assert!((200..300).contains(&answer.status), "{}{path}: {answer:?}", self.address);
        answer
    }
}
