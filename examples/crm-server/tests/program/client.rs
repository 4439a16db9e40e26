//! Somebody who talks to the server over HTTP, with a connection for each request.

use std::io;

use http_body_util::{BodyExt, Full};
use hyper::{Request, body::Bytes, client::conn::http1, header};
use hyper_util::rt::TokioIo;
use serde_json::{Value as Json, json};
use tokio::{net::TcpStream, time::timeout};

use crate::process::PATIENCE;

#[derive(Clone, Debug)]
pub(crate) struct Client {
    address: String,
    token: Option<String>,
}

/// What the server answered; the body is null if there is none.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) json: Json,
}

impl Client {
    pub(crate) fn of(address: &str) -> Self {
        Self { address: address.to_owned(), token: None }
    }

    pub(crate) fn token(&self) -> &str {
        self.token.as_deref().expect("nobody has signed in")
    }

    /// The same person at another address.
    pub(crate) fn at(&self, address: &str) -> Self {
        Self { address: address.to_owned(), ..self.clone() }
    }

    pub(crate) async fn login(&self, credentials: Json) -> Answer {
        self.post("/api/auth/login", credentials).await
    }

    /// Signs in, which must succeed.
    pub(crate) async fn sign_in(&self, email: &str, password: &str) -> Self {
        let answer = self.login(json!({ "email": email, "password": password })).await;
        let token = answer.json["token"].as_str().unwrap_or_else(|| panic!("{email}: {answer:?}"));
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None).await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: Json) -> Answer {
        self.send("POST", path, Some(body)).await.unwrap()
    }

    /// How many live records a list has in all.
    pub(crate) async fn count(&self, list: &str) -> u64 {
        let answer = self.get(&format!("{list}?limit=1&count=true")).await;
        answer.json["total"].as_u64().unwrap_or_else(|| panic!("{list}: {answer:?}"))
    }

    /// Sends a request.
    ///
    /// # Errors
    /// If it was not answered in full.
    pub(crate) async fn send(&self, method: &str, path: &str, body: Option<Json>) -> io::Result<Answer> {
        let answer = timeout(PATIENCE, self.exchange(method, path, body));
        answer.await.expect("the server does not answer")
    }

    async fn exchange(&self, method: &str, path: &str, body: Option<Json>) -> io::Result<Answer> {
        let stream = TcpStream::connect(&self.address).await?;
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
        tokio::spawn(connection);
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, &self.address);
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let body = body.map(|json| json.to_string()).unwrap_or_default();
        let request = request.body(Full::new(Bytes::from(body))).unwrap();
        let answer = sender.send_request(request).await.map_err(io::Error::other)?;
        let status = answer.status().as_u16();
        let bytes = answer.into_body().collect().await.map_err(io::Error::other)?.to_bytes();
        let json = if bytes.is_empty() { Json::Null } else { serde_json::from_slice(&bytes)? };
        Ok(Answer { status, json })
    }
}
