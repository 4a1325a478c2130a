//! A form with a file.

use anshin_model::{Lang, Text};
use anshin_pages::pages::FileBrought;
use axum::body::Bytes;
use axum::extract::Multipart;
use axum::extract::multipart::MultipartError;
use axum::http::StatusCode;
use axum::response::Response;

use super::desk::Fields;
use crate::error::WebError;
use crate::visit::page_with;

/// Most fields beside the file.
const MOST: usize = 50;

/// A form with a file. What it may weigh together is the gate's business.
pub(super) struct Upload {
    pub(super) fields: Fields,
    /// The name of the file on the other machine; nobody may trust it.
    pub(super) name: String,
    /// Its content; empty if no file was chosen.
    pub(super) bytes: Bytes,
}

impl Upload {
    /// Takes a form in, with the file of one field.
    pub(super) async fn read(mut form: Multipart, file: &str) -> Result<Self, WebError> {
        let mut upload = Self { fields: Fields::default(), name: String::new(), bytes: Bytes::new() };
        while let Some(field) = form.next_field().await.map_err(broken)? {
            let name = field.name().unwrap_or_default().to_owned();
            if name == file {
                upload.name = field.file_name().unwrap_or_default().to_owned();
                upload.bytes = field.bytes().await.map_err(broken)?;
            } else if upload.fields.0.len() < MOST {
                let words = field.text().await.map_err(broken)?;
                if words.contains('\0') {
                    return Err(WebError::Damaged);
                }
                upload.fields.0.push((name, words));
            }
        }
        Ok(upload)
    }

    /// The last part of the name, as far as a page shows it.
    pub(super) fn short_name(&self) -> String {
        self.name.rsplit(['/', '\\']).next().unwrap_or_default().chars().take(200).collect()
    }
}

/// A line about something that is wrong in a table: its row, if it is about one, and what to do next.
pub(super) fn problem_line(row: Option<usize>, (what, next): (&Text, &Text), lang: Lang) -> String {
    let row = match (row, lang) {
        (None, _) => String::new(),
        (Some(row), Lang::Ja) => format!("{row}行目: "),
        (Some(row), Lang::En) => format!("row {row}: "),
    };
    format!("{row}{} — {}", what.get(lang), next.get(lang))
}

/// The page that shows what a file would change; one with problems is not taken.
pub(super) fn brought_page(brought: &FileBrought, html: String) -> Response {
    let status = if brought.problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page_with(status, html)
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` gives")]
fn broken(error: MultipartError) -> WebError {
    tracing::debug!(%error, "a form could not be read");
    WebError::Bad(Text::new(
        "フォームを読めません。ページを開き直してもう一度送ってください",
        "the form cannot be read; load the page again and send it once more",
    ))
}
