//! One certificate authority per rig, and the key pairs that it signs: the server's, and one per user.

use std::{
    fs,
    path::{Path, PathBuf},
};

use color_eyre::eyre::Result;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};

/// The rig's certificate authority; its files and those that it issues live in one directory.
pub(crate) struct Authority {
    directory: PathBuf,
    issuer: Issuer<'static, KeyPair>,
}

/// Paths of a certificate and of its private key.
#[derive(Clone, Debug)]
pub(crate) struct KeyFiles {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

impl Authority {
    /// Makes a new authority, and the key that signs service account tokens beside it.
    pub(crate) fn new(directory: &Path) -> Result<Self> {
        fs::create_dir_all(directory)?;
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "rig-ca");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
        fs::write(directory.join("ca.crt"), params.self_signed(&key)?.pem())?;
        let tokens = KeyPair::generate()?;
        fs::write(directory.join("tokens.key"), tokens.serialize_pem())?;
        fs::write(directory.join("tokens.pub"), tokens.public_key_pem())?;
        Ok(Self { directory: directory.to_owned(), issuer: Issuer::new(params, key) })
    }

    /// The authority's own certificate.
    pub(crate) fn certificate(&self) -> PathBuf {
        self.directory.join("ca.crt")
    }

    /// Private and public key for service account tokens.
    pub(crate) fn token_keys(&self) -> (PathBuf, PathBuf) {
        (self.directory.join("tokens.key"), self.directory.join("tokens.pub"))
    }

    /// A serving certificate for loopback; proxies in front of the server pass it on unchanged.
    pub(crate) fn issue_server(&self) -> Result<KeyFiles> {
        let names = ["localhost", "kubernetes.default.svc", "127.0.0.1", "10.0.0.1"].map(str::to_owned);
        let mut params = CertificateParams::new(names)?;
        params.distinguished_name.push(DnType::CommonName, "kube-apiserver");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        self.issue("server", &params)
    }

    /// A client certificate: its common name is the user, its organisations are the groups.
    pub(crate) fn issue_user(&self, user: &str, groups: &[&str]) -> Result<KeyFiles> {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, user);
        for group in groups {
            params.distinguished_name.push(DnType::OrganizationName, *group);
        }
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.issue(&user.replace(':', "-"), &params)
    }

    /// Signs what `params` say; `name` is that of its files.
    pub(crate) fn issue(&self, name: &str, params: &CertificateParams) -> Result<KeyFiles> {
        let key = KeyPair::generate()?;
        let files = KeyFiles {
            certificate: self.directory.join(format!("{name}.crt")),
            key: self.directory.join(format!("{name}.key")),
        };
        fs::write(&files.certificate, params.signed_by(&key, &self.issuer)?.pem())?;
        fs::write(&files.key, key.serialize_pem())?;
        Ok(files)
    }
}
