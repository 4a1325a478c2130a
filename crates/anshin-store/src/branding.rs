//! Whose reports an organization hands out.

use anshin_model::Text;
use serde_json::json;

use crate::error::StoreError;
use crate::id::OrganizationId;
use crate::rights::{Actor, Right};
use crate::store::Store;

/// Most bytes of a logo.
const MAX_LOGO: usize = 2 << 20;
/// Most bytes of a branding file.
const MAX_TEXT: usize = 256 << 10;

/// A branding file, and the logo that it names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeptBranding {
    /// The file, as it was written.
    pub text: String,
    /// The name of the logo in it; empty if there is none.
    pub logo_name: String,
    /// The logo; empty if there is none.
    pub logo: Vec<u8>,
}

impl Store {
    /// The branding of the actor's organization; nothing if it has none.
    pub async fn branding(&self, actor: &Actor) -> Result<Option<KeptBranding>, StoreError> {
        actor.need(Right::Read)?;
        self.branding_of(&actor.organization).await
    }

    pub(crate) async fn branding_of(
        &self,
        organization: &OrganizationId,
    ) -> Result<Option<KeptBranding>, StoreError> {
        let row: Option<(String, String, Vec<u8>)> =
            sqlx::query_as("SELECT text, logo_name, logo FROM brandings WHERE organization = $1")
                .bind(organization.as_str())
                .fetch_optional(&self.pool)
                .await?;
        Ok(row.map(|(text, logo_name, logo)| KeptBranding { text, logo_name, logo }))
    }

    /// Sets the branding of the actor's organization. Whether it is right, the caller has seen to.
    pub async fn set_branding(&self, actor: &Actor, new: &KeptBranding) -> Result<(), StoreError> {
        actor.need(Right::Administer)?;
        if new.text.len() > MAX_TEXT || new.logo.len() > MAX_LOGO || new.text.contains('\0') {
            return Err(StoreError::Invalid(Text::new(
                "ロゴは2 MiBまで、設定は256 KiBまでにしてください",
                "a logo may have at most 2 MiB, the settings at most 256 KiB",
            )));
        }
        let mut change = self.change_by(actor).await?;
        let at = change.at.clone();
        sqlx::query(
            "INSERT INTO brandings (organization, text, logo_name, logo, at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (organization) DO UPDATE SET text = excluded.text, \
             logo_name = excluded.logo_name, logo = excluded.logo, at = excluded.at",
        )
        .bind(actor.organization.as_str())
        .bind(&new.text)
        .bind(&new.logo_name)
        .bind(new.logo.clone())
        .bind(&at)
        .execute(change.on())
        .await?;
        let detail = json!({ "logo": new.logo_name });
        change.done("organization.branding", actor.organization.as_str(), &detail).await
    }
}
