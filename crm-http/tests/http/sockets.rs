//! Live events over a WebSocket.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value as Json, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest, protocol::frame::coding::CloseCode},
};

use crate::{
    live::PATIENCE,
    serving::{Served, serving},
    world::{Client, World},
};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn open(
    served: &Served,
    client: &Client,
    query: &str,
    headers: &[(&'static str, &str)],
) -> Result<Socket, u16> {
    let mut request = format!("ws://{}/api/live/ws{query}", served.address).into_client_request().unwrap();
    if !headers.iter().any(|(name, _)| *name == "cookie") {
        let token = format!("Bearer {}", client.token());
        request.headers_mut().insert("authorization", token.parse().unwrap());
    }
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    match connect_async(request).await {
        Ok((socket, _)) => Ok(socket),
        Err(Error::Http(response)) => Err(response.status().as_u16()),
        Err(error) => panic!("{error}"),
    }
}

/// The next event, or the code by which the socket was closed.
async fn next(socket: &mut Socket) -> Result<Json, CloseCode> {
    loop {
        match timeout(PATIENCE, socket.next()).await.unwrap().unwrap().unwrap() {
            Message::Text(text) => return Ok(serde_json::from_str(&text).unwrap()),
            Message::Ping(_) | Message::Pong(_) => {}
            Message::Close(frame) => return Err(frame.unwrap().code),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_socket_tells_what_a_stream_tells() {
    let world = World::new().await;
    let served = serving(world.router.clone(), crm_http::Limits::default()).await;
    let (member, other) = (world.member().await, world.user("member@globex.test").await);
    let mut socket = open(&served, &member, "", &[]).await.unwrap();
    other.make("/api/leads", json!({ "company": "Foreign" })).await;
    let ada = member.make("/api/leads", json!({ "company": "Ada" })).await;
    let event = next(&mut socket).await.unwrap();
    assert_eq!(event["record_id"], ada["id"]);
    member.make("/api/leads", json!({ "company": "Bob" })).await;
    let seq = event["seq"].as_i64().unwrap();
    assert_eq!(next(&mut socket).await.unwrap()["seq"], seq + 1);
    let mut again = open(&served, &member, &format!("?after={seq}&object=leads"), &[]).await.unwrap();
    assert_eq!(next(&mut again).await.unwrap()["seq"], seq + 1);
    // What a client says is of no interest, and ends nothing.
    again.send(Message::text("hello")).await.unwrap();
    again.send(Message::Ping(vec![1].into())).await.unwrap();
    member.make("/api/leads", json!({ "company": "Eve" })).await;
    assert_eq!(next(&mut again).await.unwrap()["seq"], seq + 2);
}

#[tokio::test]
async fn a_page_of_another_origin_opens_no_socket() {
    let world = World::new().await;
    let served = serving(world.router.clone(), crm_http::Limits::default()).await;
    let member = world.member().await;
    let own = format!("http://{}", served.address);
    let cookie = format!("crm_session={}", member.token());
    for (headers, opened) in [
        (vec![("origin", own.as_str())], true),
        (vec![("origin", own.as_str()), ("cookie", cookie.as_str())], true),
        (vec![("origin", "http://evil.example"), ("cookie", cookie.as_str())], false),
        (vec![("origin", "http://evil.example")], false),
        (vec![("origin", "null")], false),
        (vec![("sec-fetch-site", "cross-site"), ("cookie", cookie.as_str())], false),
    ] {
        let answer = open(&served, &member, "", &headers).await;
        assert_eq!(answer.as_ref().err().copied(), (!opened).then_some(403), "{headers:?}");
    }
    assert_eq!(open(&served, &member.with_token("nonsense"), "", &[]).await.err(), Some(401));
    assert_eq!(open(&served, &member, "?after=x", &[]).await.err(), Some(400));
}

#[tokio::test]
async fn a_socket_is_closed_when_its_caller_is_shut_out_and_when_the_server_ends() {
    let world = World::new().await;
    let mut served = serving(world.router.clone(), crm_http::Limits::default()).await;
    let (owner, member) = (world.user("owner@acme.test").await, world.member().await);
    let mut revoked = open(&served, &member, "", &[]).await.unwrap();
    let mut kept = open(&served, &owner, "", &[]).await.unwrap();
    let me = member.get("/api/auth/me").await.json();
    let path = format!("/api/users/{}", me["user"]["id"].as_str().unwrap());
    assert_eq!(owner.patch(&path, json!({ "is_active": false })).await.status, 200);
    assert_eq!(next(&mut revoked).await, Err(CloseCode::Policy));
    assert_eq!(next(&mut kept).await.unwrap()["object"], "users");
    served.stop();
    assert_eq!(next(&mut kept).await, Err(CloseCode::Away));
    served.end().await.unwrap();
}
