#![doc = include_str!("../README.md")]
//!
//! Everything starts with a [`Store`]. Who wants something is an [`Actor`], and an actor comes only
//! from a session, a token or a link that the store has checked. Every method that reads or changes
//! data takes one, looks at its rights, and asks the database for rows of its organization only.
//!
//! ```
//! # use anshin_store::{Administrator, Draft, Place, Save, SignIn, Store};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
//! # runtime.block_on(async {
//! # let folder = tempfile::tempdir()?;
//! let store = Store::open(&Place::folder(folder.path()), Store::system_clock()).await?;
//! store.migrate().await?;
//! store.create_administrator(Administrator {
//!     organization: "Example Works", login: "aoi", name: "Aoi Tanaka",
//!     password: "correct horse battery", language: anshin_model::Lang::En,
//! }).await?;
//! let signed_in = store.sign_in(SignIn {
//!     login: "aoi", password: "correct horse battery", code: None, device: "Firefox",
//! }).await?;
//! // The token goes into a cookie; each request brings it back.
//! let actor = store.actor_of_session(signed_in.token.as_str()).await?.expect("just signed in");
//! let text = "anshin: 1\nsystem: { id: heater, name: Heater }\n";
//! let system = store.create_system(&actor, Draft { text, why: "first draft" }).await?;
//! let saved = store.save_revision(&actor, &system.id, Save {
//!     parent: system.latest, text: "anshin: 1\nsystem: { id: heater, name: Gas heater }\n", why: "renamed",
//! }).await?;
//! assert_eq!(saved.revision().number, 2);
//! assert_eq!(store.latest(&actor, &system.id).await?.revision.number, 2);
//! # Ok::<(), Box<dyn std::error::Error>>(()) })
//! # }
//! ```

mod account;
mod audit;
mod backup;
mod branding;
mod comment;
mod error;
mod evidence;
mod guest;
mod id;
mod identity;
mod invitation;
mod merge;
mod migrate;
mod papers;
mod presence;
mod rights;
mod secret;
mod session;
mod store;
mod system;
mod token;
mod totp;
mod webhook;
mod words;

pub use account::{Administrator, NewUser, User};
pub use audit::{AuditEntry, Verified};
pub use backup::{Backup, check, restore};
pub use branding::KeptBranding;
pub use comment::{Comment, NewComment};
pub use error::{Conflict, StoreError};
pub use evidence::{Evidence, MAX_EVIDENCE, NewEvidence};
pub use guest::{Answer, Given, Guest, Link, NewLink, Reply};
pub use id::{
    ApprovalId, CommentId, EvidenceId, IdentityId, InvitationId, LinkId, OrganizationId, PaperId, SessionId,
    SystemId, TokenId, UserId, WebhookId,
};
pub use identity::{FoundIdentity, Identity, NewIdentity};
pub use invitation::{Invitation, Invited};
pub use merge::{Choices, Clash, Merged, Side, merge, settle};
pub use papers::{NewPaper, Paper, PaperKind, PaperState, SavePaper};
pub use rights::{Actor, Right, Role};
pub use secret::Token;
pub use session::{Session, SignIn, SignedIn};
pub use store::{Clock, Place, Store};
pub use system::{Approval, Content, Draft, Page, Revision, Save, Saved, System};
pub use token::{ApiToken, NewToken};
pub use webhook::{Delivery, EVENTS, Webhook};
