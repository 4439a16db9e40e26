//! `GET /docs`: the description of the interface as a page. All that it loads is part of the program.

use std::{borrow::Cow, sync::Arc, sync::LazyLock};

use axum::{
    extract::Path,
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse,
    routing::{MethodRouter, get},
};
use utoipa_swagger_ui::Config;

use crate::{call::Answer, etag, problem::Problem, service::Shared};

/// What the page may do: load its own files and ask this service.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
     font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What the page loads of the viewer.
const VIEWER: [&str; 3] = ["swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png"];

struct File {
    name: &'static str,
    media_type: Cow<'static, str>,
    tag: String,
    bytes: Cow<'static, [u8]>,
}

impl File {
    fn new(name: &'static str, media_type: impl Into<Cow<'static, str>>, bytes: Cow<'static, [u8]>) -> Self {
        Self { name, media_type: media_type.into(), tag: etag::of_content(&bytes), bytes }
    }

    fn answer(&self, headers: &HeaderMap) -> Answer {
        let own = [
            (header::ETAG, self.tag.clone()),
            (header::CONTENT_SECURITY_POLICY, POLICY.to_owned()),
            (header::CONTENT_TYPE, self.media_type.clone().into_owned()),
        ];
        if etag::is_known(headers, &self.tag) {
            return Ok((StatusCode::NOT_MODIFIED, own).into_response());
        }
        Ok((own, self.bytes.clone()).into_response())
    }
}

static PAGE: LazyLock<File> = LazyLock::new(|| {
    File::new("", "text/html; charset=utf-8", include_bytes!("page.html").as_slice().into())
});

static FILES: LazyLock<Vec<File>> = LazyLock::new(|| {
    let config = Arc::new(Config::default());
    let viewer = VIEWER.into_iter().filter_map(|name| {
        let file = utoipa_swagger_ui::serve(name, Arc::clone(&config)).ok()??;
        Some(File::new(name, file.content_type, file.bytes))
    });
    let start = include_bytes!("start.js").as_slice();
    viewer.chain([File::new("start.js", "text/javascript", start.into())]).collect()
});

/// The page and its files, by their paths.
pub(crate) fn pages() -> [(&'static str, MethodRouter<Shared>); 3] {
    // The page's addresses are relative to the path without a slash.
    let home = || async { (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, "../docs")]) };
    [
        ("/docs", get(async |headers: HeaderMap| PAGE.answer(&headers))),
        ("/docs/", get(home)),
        ("/docs/{file}", get(file)),
    ]
}

async fn file(Path(path): Path<Vec<(String, String)>>, headers: HeaderMap) -> Answer {
    // The host's own path parameters come first.
    let name = path.last().map_or("", |(_, name)| name);
    let file = FILES.iter().find(|file| file.name == name);
    file.ok_or_else(|| Problem::not_found("page"))?.answer(&headers)
}
