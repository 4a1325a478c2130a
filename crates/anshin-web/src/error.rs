//! Why a request gets another answer than the one asked for.

use anshin_model::Text;
use anshin_store::{Clash, StoreError};
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::{IntoResponse, Response};

/// Why a request gets another answer than the one asked for. The gate makes a page of it, in the
/// language of the visit, or a problem document for the API.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    /// The store did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no such page.
    #[error("no such page")]
    NotFound,
    /// Signing in is needed.
    #[error("signing in is needed")]
    SignIn,
    /// The right is missing.
    #[error("the right is missing")]
    Forbidden,
    /// The request does not come from a page of ours.
    #[error("the form is not ours")]
    Foreign,
    /// The request comes from a page of ours, but the proxy in front passes another host name on than the
    /// browser has.
    #[error("the browser names the host `{browser}`, the proxy `{proxy}`")]
    OtherHost {
        /// As the browser names it.
        browser: String,
        /// As it came here.
        proxy: String,
    },
    /// The session of whoever sent a form has ended.
    #[error("the session has ended")]
    SignedOut,
    /// There is such an address, but not for this method.
    #[error("not for this method")]
    WrongMethod,
    /// What was sent cannot be understood.
    #[error("{}", .0.get(anshin_model::Lang::En))]
    Bad(Text),
    /// A form that is not whole.
    #[error("the form is damaged")]
    Damaged,
    /// A change by the API does not say which revision it started from.
    #[error("the revision is missing")]
    NoRevision,
    /// The revision that a change started from is not the newest any more.
    #[error("the revision is not the newest")]
    Precondition,
    /// What was sent is too large.
    #[error("too large")]
    TooLarge,
    /// Too many tries; seconds until the next.
    #[error("too many tries")]
    TooMany(u64),
    /// Something that should not happen.
    #[error("{0}")]
    Inner(String),
}

/// What the gate needs to answer an error.
#[derive(Debug, Clone)]
pub(crate) struct Failed {
    pub(crate) status: StatusCode,
    pub(crate) text: Text,
    /// Where two changes clash.
    pub(crate) clashes: Vec<Clash>,
}

impl WebError {
    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        match self {
            WebError::Store(error) => match error {
                StoreError::NotFound => StatusCode::NOT_FOUND,
                StoreError::Forbidden(_) => StatusCode::FORBIDDEN,
                StoreError::Invalid(_) | StoreError::WrongPassword => StatusCode::UNPROCESSABLE_ENTITY,
                StoreError::WrongCredentials | StoreError::Locked { .. } | StoreError::CodeNeeded => {
                    StatusCode::UNAUTHORIZED
                }
                StoreError::Taken
                | StoreError::AlreadyStarted
                | StoreError::Conflict(_)
                | StoreError::LastAdministrator => StatusCode::CONFLICT,
                StoreError::Unreachable(_) | StoreError::Encryption(_) | StoreError::Stopping => {
                    StatusCode::SERVICE_UNAVAILABLE
                }
                _ => StatusCode::INTERNAL_SERVER_ERROR,
            },
            WebError::NotFound => StatusCode::NOT_FOUND,
            WebError::SignIn | WebError::SignedOut => StatusCode::UNAUTHORIZED,
            WebError::Forbidden | WebError::Foreign | WebError::OtherHost { .. } => StatusCode::FORBIDDEN,
            WebError::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            WebError::Bad(_) | WebError::Damaged => StatusCode::BAD_REQUEST,
            WebError::NoRevision => StatusCode::PRECONDITION_REQUIRED,
            WebError::Precondition => StatusCode::PRECONDITION_FAILED,
            WebError::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            WebError::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            WebError::Inner(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// What to tell the person.
    pub fn text(&self) -> Text {
        match self {
            WebError::Store(error) => error.text(),
            WebError::NotFound => Text::new("このページはありません", "there is no such page"),
            WebError::SignIn => Text::new("サインインしてください", "please sign in"),
            WebError::Forbidden => Text::new(
                "この操作をする権限がありません。組織の管理者に相談してください",
                "you may not do this; ask an administrator of your organization",
            ),
            WebError::Foreign => Text::new(
                "フォームの有効期限が切れたか、このページから送られたものではありません。前のページを開き直してからもう一度送ってください",
                "the form is out of date or was not sent from here; open the page again and send it once more",
            ),
            WebError::OtherHost { browser, proxy } => Text::new(
                format!(
                    "プロキシが伝えたホスト名（`{proxy}`）が、ブラウザーのもの（`{browser}`）と異なります。プロキシを設定する人が、HostヘッダーかX-Forwarded-Hostヘッダーに元のホスト名を渡すようにしてください"
                ),
                format!(
                    "the proxy in front passes the host name `{proxy}` on, the browser has `{browser}`; whoever runs the proxy has to make it pass the browser's own on, in the header Host or X-Forwarded-Host"
                ),
            ),
            WebError::SignedOut => Text::new(
                "サインインの期限が切れていたため、保存していません。もう一度サインインしてから送ってください",
                "this was not saved, because you are not signed in any more; sign in and send it once more",
            ),
            WebError::WrongMethod => {
                Text::new("このアドレスは、この方法では使えません", "this address is not for this method")
            }
            WebError::Bad(text) => text.clone(),
            WebError::Damaged => Text::new(
                "フォームが壊れています。ページを開き直してください",
                "the form is damaged; load the page again",
            ),
            WebError::NoRevision => Text::new(
                "変更の元にした版を、If-Matchヘッダーで示してください",
                "name the revision that the change started from in the header If-Match",
            ),
            WebError::Precondition => Text::new(
                "その後に別の版が保存されています。最新の版を読み直すか、`merge=yes`を付けてください",
                "another revision was saved since; read the newest, or ask with `merge=yes`",
            ),
            WebError::TooLarge => Text::new("送られた内容が大きすぎます", "what was sent is too large"),
            WebError::TooMany(seconds) => Text::new(
                format!("試行が多すぎます。{seconds}秒後にもう一度お試しください"),
                format!("too many tries; try again in {seconds} seconds"),
            ),
            WebError::Inner(_) => Text::new(
                "プログラムの中で問題が起きました。続くときは、このサーバーを管理している人に伝えてください",
                "something went wrong inside the program; if it goes on, tell whoever runs this server",
            ),
        }
    }
}

impl IntoResponse for WebError {
    fn into_response(self) -> Response {
        let status = self.status();
        if status.is_server_error() {
            tracing::error!(error = %self, "a request failed");
        }
        let mut response = status.into_response();
        let seconds = match &self {
            WebError::TooMany(seconds) => Some(*seconds),
            _ if status == StatusCode::SERVICE_UNAVAILABLE => Some(5),
            _ => None,
        };
        if let Some(seconds) = seconds {
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        let clashes = match &self {
            WebError::Store(StoreError::Conflict(conflict)) => conflict.clashes.clone(),
            _ => Vec::new(),
        };
        response.extensions_mut().insert(Failed { status, text: self.text(), clashes });
        response
    }
}
