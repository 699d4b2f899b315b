//! The `ExecCredential` object that a plugin prints (`client.authentication.k8s.io/v1` and `v1beta1`).

use secrecy::SecretString;
use serde_json::Value;

use crate::model::Time;
use crate::model::credential::{ClientCertificate, Credential};

/// The group that both versions belong to.
const GROUP: &str = "client.authentication.k8s.io/";

/// Reads a plugin's output; `None` where it is not a usable `ExecCredential` of the version that was asked for.
pub(super) fn read(output: &[u8], api_version: &str) -> Option<Credential> {
    let answer: Value = serde_json::from_slice(output).ok()?;
    if answer["kind"] != "ExecCredential" || answer["apiVersion"] != api_version {
        return None;
    }
    let status = &answer["status"];
    let text = |key: &str| status[key].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let certificate = text("clientCertificateData")
        .zip(text("clientKeyData"))
        .map(|(chain, key)| ClientCertificate { chain, key: SecretString::from(key) });
    let token = text("token").map(SecretString::from);
    if token.is_none() && certificate.is_none() {
        return None;
    }
    let expires = match text("expirationTimestamp") {
        Some(stamp) => Some(stamp.parse::<Time>().ok()?),
        None => None,
    };
    Some(Credential { token, certificate, expires })
}

/// Whether this program speaks the version that a kubeconfig asks for.
pub(super) fn speaks(api_version: &str) -> bool {
    matches!(api_version.strip_prefix(GROUP), Some("v1" | "v1beta1"))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    const V1: &str = "client.authentication.k8s.io/v1";

    fn answer(version: &str, status: &str) -> Vec<u8> {
        format!(r#"{{"kind":"ExecCredential","apiVersion":"{version}","status":{status}}}"#).into_bytes()
    }

    #[test]
    fn tokens_and_certificates_are_read_with_their_end() {
        let token =
            read(&answer(V1, r#"{"token":"t","expirationTimestamp":"2030-01-01T00:00:00Z"}"#), V1).unwrap();
        assert_eq!(token.token.unwrap().expose_secret(), "t");
        assert_eq!(token.expires.unwrap().to_rfc3339(), "2030-01-01T00:00:00+00:00");
        let pair = read(&answer(V1, r#"{"clientCertificateData":"C","clientKeyData":"K"}"#), V1)
            .unwrap()
            .certificate
            .unwrap();
        assert_eq!((pair.chain.as_str(), pair.key.expose_secret()), ("C", "K"));
    }

    #[test]
    fn answers_that_prove_nothing_are_refused() {
        for (version, status) in [
            ("client.authentication.k8s.io/v1beta1", r#"{"token":"t"}"#),
            (V1, "{}"),
            (V1, r#"{"clientCertificateData":"C"}"#),
            (V1, r#"{"token":"t","expirationTimestamp":"soon"}"#),
        ] {
            assert!(read(&answer(version, status), V1).is_none(), "{version} {status}");
        }
        assert!(read(b"Please log in", V1).is_none());
        assert!(speaks(V1) && !speaks("client.authentication.k8s.io/v1alpha1"));
    }
}
