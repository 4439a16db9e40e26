//! The same over a WebSocket: a text message for each event, a ping as a sign of life.

use std::time::Duration;

use axum::{
    extract::{
        FromRequestParts,
        ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code},
    },
    http::StatusCode,
    response::IntoResponse,
};

use super::{End, Live, Next};
use crate::{
    call::{Answer, Call},
    problem::Problem,
};

/// The most bytes that a client says at once: nothing is expected of it but to answer and to close.
const MAX_SAID: usize = 4 * 1024;
/// How long a client may take nothing of what it is told.
const STALL: Duration = Duration::from_secs(30);

/// `GET /api/live/ws`
pub(crate) async fn socket(mut call: Call) -> Answer {
    // A page of another origin can open a socket with the user's cookies, and no browser would ask first.
    if call.shared.origins.is_foreign(&call.parts) {
        return Err(Problem::foreign_origin());
    }
    let upgrade = WebSocketUpgrade::from_request_parts(&mut call.parts, &()).await;
    let upgrade = upgrade.map_err(|_| {
        let detail = "this route speaks WebSocket: ask for an upgrade, version 13";
        Problem::new(StatusCode::UPGRADE_REQUIRED, "upgrade_required", detail).upgrade_to("websocket")
    })?;
    let live = Live::open(call, "websocket").await?;
    let upgrade = upgrade.max_message_size(MAX_SAID).max_frame_size(MAX_SAID);
    Ok(upgrade.on_upgrade(|socket| tell(socket, live)).into_response())
}

async fn tell(mut socket: WebSocket, mut live: Live) {
    let end = loop {
        let next = tokio::select! {
            next = live.next() => next,
            said = socket.recv() => match said {
                // Pings are answered by the library; whatever else a client says is of no interest.
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Text(_) | Message::Binary(_))) => continue,
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
            },
        };
        let message = match next {
            Next::Event(event) => match serde_json::to_string(&*event) {
                Ok(text) => Message::Text(text.into()),
                Err(_) => break (close_code::ERROR, "the event cannot be written"),
            },
            Next::Beat => Message::Ping(Vec::new().into()),
            Next::End(End::Revoked) => break (close_code::POLICY, "the sign-in is not valid any more"),
            Next::End(End::Shutdown) => break (close_code::AWAY, "the server ends"),
            Next::End(End::Failed) => break (close_code::ERROR, "the log cannot be read just now"),
        };
        match tokio::time::timeout(STALL, socket.send(message)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return,
            Err(_) => break (close_code::AGAIN, "too slow: go on from the last event"),
        }
    };
    let frame = CloseFrame { code: end.0, reason: end.1.into() };
    let _ = tokio::time::timeout(STALL, socket.send(Message::Close(Some(frame)))).await;
}
