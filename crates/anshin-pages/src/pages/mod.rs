//! The pages, one module for each group.

mod brought;
mod catalog;
mod checklist;
mod conflict;
mod editor;
mod facts;
mod guest;
mod help;
mod history;
mod import;
mod input;
mod ledger;
mod machines;
mod organization;
mod plan;
mod policies;
mod portfolio;
mod proposals;
mod remarks;
mod reports;
mod settings;
mod sheet;
mod start;
mod system;
mod trail;
mod welcome;

pub use brought::FileBrought;
pub use catalog::{SECTIONS, catalog_entry, catalog_search};
pub use checklist::{
    Around, Beginning, RoundLine, ShownRound, all_questions, checklist_page, checklists, question_page,
    register_page, round_import, round_result, tried_questions, tried_result,
};
pub use conflict::{Conflict, Place, SIDES, conflict};
pub use editor::{drawing, found_list, text_view};
pub use facts::{AssetForm, asset_form, save_asset, save_system, system_form};
pub use guest::{Answered, Asked, GuestLink, REPLIES, guest, guest_links};
pub use help::{help, help_step};
pub use history::{Approval, Revision, history};
pub use import::{Brought, effect, import_page};
pub use input::{NEW_ROW, input_page, row_panel, save_row};
pub use ledger::{
    LedgerLine, RowForm, ShownLedger, StateLine, ledger_import, ledger_page, ledgers, read_media,
};
pub use machines::{AlertRow, CycleRow, MachineRow, OtherRow, ReferenceRow, machines, machines_now};
pub use organization::{
    Code, InvitationRow, Member, Organization, SessionRow, TokenRow, account, join, organization, tokens,
};
pub use organization::{PasskeyRow, linked, passkeys};
pub use plan::{plan, plan_state};
pub use policies::{PolicyLine, policies, policy_title, policy_words};
pub use portfolio::{Aside, Line, portfolio};
pub use proposals::{Filter, Named, in_place, proposals_page};
pub use remarks::{ProofFile, Remark, remarks};
pub use reports::reports;
pub use settings::{BrandingForm, HookRow, branding, webhooks};
pub use sheet::{InPlace, request_sheets, sheet};
pub use start::{answers_of, growing, start};
pub use system::{Shown, overview, step_page};
pub use trail::{Detail, Entry, audit};
pub use welcome::{Doors, Refused, Way, first_start, language, leaving, message, sign_in};
