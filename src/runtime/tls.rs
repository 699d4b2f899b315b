//! The one TLS provider of the process.

/// Installs it. Without one the first client panics; a second call finds the same one and changes nothing.
pub fn install() {
    #[cfg(feature = "tls-aws-lc")]
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    #[cfg(not(feature = "tls-aws-lc"))]
    let provider = rustls::crypto::ring::default_provider();
    let _ = provider.install_default();
}
