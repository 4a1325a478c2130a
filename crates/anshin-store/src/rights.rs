//! Who may do what.

use anshin_model::Lang;
use jiff::tz::TimeZone;

use crate::error::StoreError;
use crate::id::{OrganizationId, SessionId, UserId};
use crate::words;

/// What a person is in an organization. Each may do what those before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Sees everything of the organization, changes nothing.
    Viewer,
    /// Changes systems, decides on proposals, comments.
    Editor,
    /// Approves revisions.
    Approver,
    /// Manages people and settings, reads the audit trail.
    Administrator,
}

impl Role {
    /// All roles, the weakest first.
    pub const ALL: [Role; 4] = [Role::Viewer, Role::Editor, Role::Approver, Role::Administrator];

    /// The word that forms and the API use.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Viewer => "viewer",
            Role::Editor => "editor",
            Role::Approver => "approver",
            Role::Administrator => "administrator",
        }
    }

    /// The role with this word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }
}

/// What someone must be allowed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Right {
    /// See systems, revisions, comments, evidence.
    Read,
    /// Change them.
    Edit,
    /// Approve a revision, or withdraw an approval.
    Approve,
    /// Manage people, tokens and settings; read the audit trail.
    Administer,
}

impl Right {
    /// All rights, the weakest first.
    pub const ALL: [Right; 4] = [Right::Read, Right::Edit, Right::Approve, Right::Administer];

    /// The word that forms and the API use.
    pub fn as_str(self) -> &'static str {
        match self {
            Right::Read => "read",
            Right::Edit => "edit",
            Right::Approve => "approve",
            Right::Administer => "administer",
        }
    }

    /// The right with this word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|right| right.as_str() == word)
    }

    pub(crate) fn role(self) -> Role {
        match self {
            Right::Read => Role::Viewer,
            Right::Edit => Role::Editor,
            Right::Approve => Role::Approver,
            Right::Administer => Role::Administrator,
        }
    }
}

/// Who asks: someone whom the store has recognized. There is no other way to make one.
#[derive(Debug, Clone)]
pub struct Actor {
    pub(crate) organization: OrganizationId,
    pub(crate) organization_name: String,
    pub(crate) user: UserId,
    pub(crate) login: String,
    pub(crate) name: String,
    pub(crate) role: Role,
    pub(crate) lang: Lang,
    pub(crate) zone: String,
    pub(crate) session: Option<SessionId>,
}

impl Actor {
    /// The organization whose data the actor may see.
    pub fn organization(&self) -> &OrganizationId {
        &self.organization
    }

    /// The organization's name.
    pub fn organization_name(&self) -> &str {
        &self.organization_name
    }

    /// The account behind the actor.
    pub fn user(&self) -> &UserId {
        &self.user
    }

    /// The name for signing in.
    pub fn login(&self) -> &str {
        &self.login
    }

    /// The name that others see.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The role; a token may hold less than its owner.
    pub fn role(&self) -> Role {
        self.role
    }

    /// The language of the account.
    pub fn lang(&self) -> Lang {
        self.lang
    }

    /// The name of the time zone that the organization has chosen; empty if it has chosen none.
    pub fn zone_name(&self) -> &str {
        &self.zone
    }

    /// The time zone in which the organization reads times; none if it has chosen none.
    pub fn zone(&self) -> Option<TimeZone> {
        words::known_zone(&self.zone)
    }

    /// The sign-in that the actor comes from; none for a token.
    pub fn session(&self) -> Option<&SessionId> {
        self.session.as_ref()
    }

    /// Whether the actor has a right.
    pub fn may(&self, right: Right) -> bool {
        self.role >= right.role()
    }

    /// How the audit trail names the actor.
    pub(crate) fn signature(&self) -> String {
        self.login.clone()
    }

    pub(crate) fn need(&self, right: Right) -> Result<(), StoreError> {
        if self.may(right) { Ok(()) } else { Err(StoreError::Forbidden(right)) }
    }
}
