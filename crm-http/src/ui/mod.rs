//! The dashboard: pages that are part of the program, with what the host has set about them.

mod dashboard;
mod encoding;

use std::{borrow::Cow, iter, sync::Arc};

use axum::{
    extract::Path,
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
    routing::{MethodRouter, get},
};
use rust_embed::Embed;
use serde_json::json;

pub use dashboard::{Colour, Dashboard, InvalidColour, Link, Page, Theme, Token};

use crate::{
    call::{Answer, mount},
    etag,
    problem::Problem,
    service::Shared,
};

/// What `npm run build` made of the sources in `ui`.
#[derive(Embed)]
#[folder = "ui/dist"]
struct Built;

/// The page, in which the two marks below stand.
const INDEX: &str = "index.html";
const BASE: &str = "<base href=\"/\"";
const CONFIG: &str = "id=\"crm-config\">{}<";

/// A name made of its content is never another's.
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// The dashboard as it is answered.
#[derive(Debug)]
struct Ui {
    /// The page before and after the path of the mount.
    page: [String; 2],
    theme: String,
    policy: HeaderValue,
}

impl Ui {
    fn new(dashboard: &Dashboard, login: bool) -> Self {
        let index = file(INDEX).unwrap_or_default();
        // A `<` could end the element that the config stands in.
        let config = dashboard.config(login).to_string().replace('<', "\\u003c");
        let config = format!("id=\"crm-config\">{config}<");
        let page = String::from_utf8_lossy(&index).replacen(CONFIG, &config, 1);
        let (before, after) = page.split_once(BASE).unwrap_or((&page, ""));
        Self {
            page: [before.to_owned(), after.to_owned()],
            theme: dashboard.style(),
            policy: HeaderValue::from_str(&dashboard.policy())
                .unwrap_or(HeaderValue::from_static("default-src 'none'")),
        }
    }

    fn page(&self, request: &Parts) -> Response {
        let mount = mount(request).trim_end_matches('/');
        let mount = mount.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;");
        let [before, after] = &self.page;
        let page = format!("{before}<base href=\"{mount}/\"{after}");
        let policy = [(header::CONTENT_SECURITY_POLICY, self.policy.clone())];
        (policy, made(&request.headers, "text/html; charset=utf-8", page)).into_response()
    }
}

/// The pages and what they load, by their paths.
pub(crate) fn pages(dashboard: &Dashboard, login: bool) -> Vec<(String, MethodRouter<Shared>)> {
    let ui = Arc::new(Ui::new(dashboard, login));
    let theme = ui.theme.clone();
    let theme = get(async move |headers: HeaderMap| made(&headers, "text/css; charset=utf-8", theme));
    let page = get(async move |request: Parts| ui.page(&request));
    let names = Page::ALL.map(Page::name).into_iter().chain(["sign-in"]);
    let paths =
        names.flat_map(|name| [format!("/{name}"), format!("/{name}/"), format!("/{name}/{{*rest}}")]);
    let pages = iter::once("/".to_owned()).chain(paths).map(|path| (path, page.clone()));
    let loaded = [("/assets/theme.css", theme), ("/assets/{file}", get(asset))];
    pages.chain(loaded.map(|(path, handler)| (path.to_owned(), handler))).collect()
}

/// What is made for a request, unless the client has it.
fn made(headers: &HeaderMap, media_type: &'static str, content: String) -> Response {
    let tag = etag::of_content(content.as_bytes());
    let is_known = etag::is_known(headers, &tag);
    let own = [(header::ETAG, tag), (header::CONTENT_TYPE, media_type.to_owned())];
    if is_known { (StatusCode::NOT_MODIFIED, own).into_response() } else { (own, content).into_response() }
}

async fn asset(Path(path): Path<Vec<(String, String)>>, headers: HeaderMap) -> Answer {
    // The host's own path parameters come first.
    let name = path.last().map_or("", |(_, name)| name);
    let unknown = || Problem::not_found("file");
    // The compressed forms are not files of their own.
    let media_type = media_type(name).ok_or_else(unknown)?;
    let (encoding, content) = encoding::accepted(&headers)
        .find_map(|encoding| Some((encoding, file(&format!("assets/{name}{}", encoding.suffix()))?)))
        .ok_or_else(unknown)?;
    let own = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (header::CACHE_CONTROL, FOREVER),
        (header::VARY, HeaderValue::from_static("Accept-Encoding")),
    ];
    let encoded = encoding.name().map(|name| [(header::CONTENT_ENCODING, HeaderValue::from_static(name))]);
    Ok(match encoded {
        Some(encoded) => (own, encoded, content).into_response(),
        None => (own, content).into_response(),
    })
}

fn file(path: &str) -> Option<Cow<'static, [u8]>> {
    Built::get(path).map(|file| file.data)
}

fn media_type(name: &str) -> Option<&'static str> {
    let (_, extension) = name.rsplit_once('.')?;
    Some(match extension {
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "woff2" => "font/woff2",
        "png" => "image/png",
        _ => return None,
    })
}

impl Dashboard {
    /// What the pages are told.
    fn config(&self, login: bool) -> serde_json::Value {
        let sign_in = match (&self.sign_in, login) {
            (Some(url), _) => json!({ "url": url }),
            (None, true) => json!("password"),
            (None, false) => json!(null),
        };
        json!({
            "name": self.name,
            "logo": self.logo,
            "pages": self.pages.iter().map(|page| page.name()).collect::<Vec<_>>(),
            "links": self.links.iter().map(|link| json!({ "label": link.label, "href": link.href })).collect::<Vec<_>>(),
            "sign_in": sign_in,
            "language": self.language,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_page_has_the_marks_that_are_replaced() {
        let index = String::from_utf8(file(INDEX).unwrap().into_owned()).unwrap();
        assert_eq!(index.matches(BASE).count(), 1);
        assert_eq!(index.matches(CONFIG).count(), 1);
    }
}
