//! An authority that a test makes for itself, and servers that it vouches for.

use std::path::Path;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;

/// An authority, and the file with its certificate.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    pub(crate) file: String,
}

impl Authority {
    /// An authority with a name, whose certificate is put into a folder.
    pub(crate) fn new(folder: &Path, name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("no names are fine");
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key"))
            .expect("it vouches for itself");
        let file = folder.join(format!("{name}.pem"));
        std::fs::write(&file, issuer.pem()).expect("a file can be written");
        Self { issuer, file: file.display().to_string() }
    }

    /// What a server of a name needs; its certificate holds from one year to another.
    pub(crate) fn server(&self, name: &str, years: (i32, i32)) -> Arc<ServerConfig> {
        let (certificate, key) = self.vouch(name, years);
        let chain = vec![certificate.der().clone()];
        let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("it speaks TLS")
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .expect("the key fits");
        Arc::new(config)
    }

    /// The same as files in a folder: the certificate, and its key.
    pub(crate) fn files(&self, folder: &Path, name: &str) -> (String, String) {
        let (certificate, key) = self.vouch(name, (2020, 2090));
        let [certificate, key] =
            [("certificate", certificate.pem()), ("key", key.serialize_pem())].map(|(of, pem)| {
                let file = folder.join(format!("{name}-{of}.pem"));
                std::fs::write(&file, pem).expect("a file can be written");
                file.display().to_string()
            });
        (certificate, key)
    }

    fn vouch(&self, name: &str, years: (i32, i32)) -> (Certificate, KeyPair) {
        let mut params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
        (params.not_before, params.not_after) = (date_time_ymd(years.0, 1, 1), date_time_ymd(years.1, 1, 1));
        let key = KeyPair::generate().expect("a key");
        (params.signed_by(&key, &self.issuer).expect("it signs"), key)
    }
}
