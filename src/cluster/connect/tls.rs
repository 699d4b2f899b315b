//! Certificates of a kubeconfig: the CA that the server is checked with, and its fingerprint.

use k8s_openapi::ByteString;
use kube::config::Cluster;
use sha2::{Digest as _, Sha256};
use x509_parser::pem::Pem;

use crate::model::Time;

/// A CA bundle as the client wants it.
pub(super) struct Roots {
    /// Certificates, DER.
    pub certificates: Vec<Vec<u8>>,
}

impl Roots {
    /// Loads the CA of a cluster entry; data wins over a file. `Ok(None)`: the system's roots.
    pub(super) fn of(cluster: &Cluster) -> Result<Option<Self>, ()> {
        let pem = match (&cluster.certificate_authority_data, &cluster.certificate_authority) {
            (Some(data), _) if !data.is_empty() => decode(data).ok_or(())?,
            (_, Some(path)) if !path.is_empty() => std::fs::read(path).map_err(|_| ())?,
            _ => return Ok(None),
        };
        let certificates: Vec<Vec<u8>> = Pem::iter_from_buffer(&pem)
            .map(|block| block.map_err(|_| ()))
            .filter(|block| block.as_ref().map_or(true, |block| block.label == "CERTIFICATE"))
            .map(|block| {
                block.and_then(|block| block.parse_x509().map_err(|_| ()).map(|_| block.contents.clone()))
            })
            .collect::<Result<_, _>>()?;
        if certificates.is_empty() { Err(()) } else { Ok(Some(Self { certificates })) }
    }

    /// sha256 of the first certificate, hex with colons, as other tools print it.
    pub(super) fn fingerprint(&self) -> Option<String> {
        let first = self.certificates.first()?;
        Some(pairs(&Sha256::digest(first)).join(":"))
    }
}

/// When a certificate (the first of a PEM chain) ends.
pub(super) fn ends(chain: &[u8]) -> Option<Time> {
    let first =
        Pem::iter_from_buffer(chain).find(|block| block.as_ref().is_ok_and(|b| b.label == "CERTIFICATE"))?;
    let first = first.ok()?;
    let end = first.parse_x509().ok()?.validity().not_after.timestamp();
    Time::from_timestamp(end, 0)
}

/// Two hex digits for each byte.
pub(super) fn pairs(bytes: &[u8]) -> Vec<String> {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

/// Standard base64, by the type that the API itself uses for it.
pub(super) fn decode(data: &str) -> Option<Vec<u8>> {
    let text: String = data.split_whitespace().collect();
    serde_json::from_value::<ByteString>(text.into()).ok().map(|bytes| bytes.0)
}

/// The reverse.
pub(super) fn encode(data: &[u8]) -> Option<String> {
    serde_json::to_value(ByteString(data.to_vec())).ok()?.as_str().map(str::to_owned)
}
