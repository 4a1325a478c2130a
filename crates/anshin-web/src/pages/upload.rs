//! A form with a file.

use anshin_model::Text;
use axum::body::Bytes;
use axum::extract::Multipart;
use axum::extract::multipart::MultipartError;

use super::desk::Fields;
use crate::error::WebError;

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
                upload.fields.0.push((name, field.text().await.map_err(broken)?));
            }
        }
        Ok(upload)
    }

    /// The last part of the name, as far as a page shows it.
    pub(super) fn short_name(&self) -> String {
        self.name.rsplit(['/', '\\']).next().unwrap_or_default().chars().take(200).collect()
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` gives")]
fn broken(error: MultipartError) -> WebError {
    tracing::debug!(%error, "a form could not be read");
    WebError::Bad(Text::new(
        "フォームを読めません。ページを開き直してもう一度送ってください",
        "the form cannot be read; load the page again and send it once more",
    ))
}
