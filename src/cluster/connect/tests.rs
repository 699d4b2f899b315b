use std::path::Path;
use std::sync::Arc;

use super::*;

const CONTEXTS: &str = r#"
apiVersion: v1
kind: Config
current-context: one
clusters:
- {name: c1, cluster: {server: "https://one.example.com:6443"}}
- {name: c2, cluster: {server: "https://two.example.com", insecure-skip-tls-verify: true}}
- {name: c3, cluster: {server: "://"}}
- {name: c4, cluster: {server: "https://[fd00::1]:6443/prefix", certificate-authority: absent.pem}}
users:
- {name: u1, user: {token: canary-token}}
- {name: u2, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: login, env: [{name: K, value: canary-env}]}}}
- {name: u3, user: {tokenFile: token}}
- {name: u4, user: {auth-provider: {name: gcp, config: {cmd-path: /bin/true}}}}
contexts:
- {name: one, context: {cluster: c1, user: u1, namespace: shop}}
- {name: two, context: {cluster: c2, user: u1}}
- {name: three, context: {cluster: c3, user: u1}}
- {name: four, context: {cluster: c4, user: u1}}
- {name: plugin, context: {cluster: c1, user: u2}}
- {name: file, context: {cluster: c1, user: u3}}
- {name: old, context: {cluster: c1, user: u4}}
- {name: nobody, context: {cluster: c1, user: absent}}
- {name: nowhere, context: {cluster: absent, user: u1}}
"#;

fn write(folder: &Path, name: &str, text: &str) -> std::path::PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn settings(folder: &Path, context: &str) -> KubeSettings {
    KubeSettings {
        kubeconfig: Some(write(folder, "config", CONTEXTS)),
        context: Some(context.to_owned()),
        ..KubeSettings::default()
    }
}

fn refusing() -> CredentialSource {
    Arc::new(|call| Box::pin(async move { Err(Text::from(format!("{} was run", call.command))) }))
}

async fn outcome(settings: &KubeSettings) -> Result<Facts, ConnectError> {
    // the library installs no TLS provider; the program's `main` does
    let _ = install_provider();
    open(settings, refusing()).await.map(|(_, facts)| facts)
}

fn install_provider() -> Result<(), Arc<rustls::crypto::CryptoProvider>> {
    rustls::crypto::ring::default_provider().install_default()
}

#[tokio::test]
async fn an_exact_context_is_pinned_or_the_reason_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let facts = outcome(&settings(folder.path(), "one")).await.unwrap();
    assert_eq!((facts.namespace.as_str(), facts.server.as_str()), ("shop", "https://one.example.com:6443"));
    for (context, says) in [
        ("on", "it has one, two"),
        ("two", "--insecure-skip-tls-verify"),
        ("three", "no usable server address"),
        ("four", "certificate authority"),
        ("plugin", "login was run"),
        ("file", "token file"),
        ("old", "exec plugin"),
        ("nobody", "user \"absent\""),
        ("nowhere", "cluster \"absent\""),
    ] {
        let error = outcome(&settings(folder.path(), context)).await.err().unwrap();
        let text = error.to_string();
        assert!(text.contains(says), "{context}: {text}");
        assert!(!format!("{text} {error:?}").contains("canary"), "{context} leaks: {text}");
    }
}

#[tokio::test]
async fn without_a_flag_the_current_context_counts_and_insecure_needs_a_word() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = settings(folder.path(), "two");
    settings.insecure_allowed = true;
    assert!(outcome(&settings).await.unwrap().insecure);
    settings.context = None;
    assert_eq!(outcome(&settings).await.unwrap().context, "one");
}

#[tokio::test]
async fn a_list_of_files_is_merged_the_first_word_wins_and_missing_files_are_skipped() {
    let folder = tempfile::tempdir().unwrap();
    let first = write(folder.path(), "first", "{clusters: [{name: c1, cluster: {server: 'https://mine'}}]}");
    let second = write(folder.path(), "second", CONTEXTS);
    let list = std::env::join_paths([folder.path().join("absent"), first, second]).unwrap();
    let mut settings = KubeSettings { kubeconfig_list: Some(list), ..KubeSettings::default() };
    assert_eq!(outcome(&settings).await.unwrap().server.as_str(), "https://mine");
    settings.kubeconfig_list = Some(folder.path().join("absent").into());
    let error = outcome(&settings).await.err().unwrap();
    assert!(matches!(error, ConnectError::NoKubeconfig { .. }), "{error}");
}

#[tokio::test]
async fn a_file_that_is_no_kubeconfig_is_named_and_not_quoted() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), "config", "users: [{name: u, user: {token: [canary-token]}}]");
    let settings = KubeSettings { kubeconfig: Some(path), ..KubeSettings::default() };
    let error = outcome(&settings).await.err().unwrap();
    assert!(matches!(error, ConnectError::Malformed { .. }));
    assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
    let missing = KubeSettings { kubeconfig: Some(folder.path().join("absent")), ..KubeSettings::default() };
    let error = outcome(&missing).await.err().unwrap();
    assert!(matches!(error, ConnectError::Unreadable { .. }), "{error}");
}
