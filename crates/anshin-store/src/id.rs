//! Identifiers of what is kept: a type for each, so that none is taken for another.

use std::fmt;

use crate::secret;

macro_rules! ids {
    ($($(#[$about:meta])* $name:ident;)*) => { $(
        $(#[$about])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            pub(crate) fn random() -> Self {
                Self(secret::random_id())
            }

            /// An id as it came in an address; whether anything has it, the store tells.
            pub fn from_text(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// Its characters, which need no escaping in an address.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )* };
}

ids! {
    /// An organization: the border that no query crosses.
    OrganizationId;
    /// A person with an account.
    UserId;
    /// A sign-in on one device.
    SessionId;
    /// A system with its revisions.
    SystemId;
    /// An approval of one revision.
    ApprovalId;
    /// A remark about a system.
    CommentId;
    /// A file that shows something.
    EvidenceId;
    /// A link that opens one stakeholder's sheet.
    LinkId;
    /// A way into an account beside the password.
    IdentityId;
    /// An invitation of someone new.
    InvitationId;
    /// Another program that is told what happens.
    WebhookId;
    /// A token of another program.
    TokenId;
    /// A paper: a round of answers, a ledger, a policy.
    PaperId;
}
