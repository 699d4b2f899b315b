//! The layers of the house: what each folder of `src/` may import, of ours and of others. An import that stands in no
//! row is a failing test until the row is changed on purpose.

#![expect(clippy::unwrap_used, reason = "a file that cannot be read fails the test")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

struct Layer {
    folder: &'static str,
    ours: &'static [&'static str],
    crates: &'static [&'static str],
}

const fn layer(
    folder: &'static str,
    ours: &'static [&'static str],
    crates: &'static [&'static str],
) -> Layer {
    Layer { folder, ours, crates }
}

/// The table.
const LAYERS: &[Layer] = &[
    layer(
        "model",
        &[],
        &[
            "serde",
            "serde_json",
            "chrono",
            "secrecy",
            "thiserror",
            "unicode_properties",
            "unicode_segmentation",
        ],
    ),
    layer("strategy", &["model"], &["serde_json", "chrono"]),
    layer("core", &["model", "strategy"], &["serde", "serde_json", "chrono", "sha2", "statrs", "thiserror"]),
    layer(
        "plan",
        &["model"],
        &["serde", "serde_json", "serde_saphyr", "annotate_snippets", "chrono", "sha2", "thiserror"],
    ),
    layer(
        "cluster",
        &["model"],
        &[
            "kube",
            "k8s_openapi",
            "http",
            "http_body_util",
            "hyper_util",
            "x509_parser",
            "sha2",
            "tokio",
            "tokio_util",
            "futures",
            "backon",
            "secrecy",
            "serde",
            "serde_json",
            "chrono",
            "thiserror",
            "tracing",
        ],
    ),
    layer(
        "telemetry",
        &["model", "cluster"],
        &[
            "reqwest",
            "tokio",
            "tokio_util",
            "futures",
            "rustls",
            "backon",
            "secrecy",
            "serde",
            "serde_json",
            "chrono",
            "thiserror",
            "tracing",
        ],
    ),
    layer("journal", &["model"], &["sha2", "serde", "serde_json", "chrono", "tokio", "rustix", "thiserror"]),
    layer(
        "process",
        &["model"],
        &["tokio", "tokio_util", "rustix", "secrecy", "serde", "serde_json", "thiserror"],
    ),
    layer(
        "ui",
        &["model", "core"],
        &[
            "ratatui",
            "crossterm",
            "tui_logger",
            "toml",
            "serde",
            "serde_json",
            "chrono",
            "unicode_width",
            "unicode_segmentation",
            "nucleo_matcher",
            "tui_input",
            "thiserror",
        ],
    ),
    layer(
        "sim",
        &[],
        &[
            "axum",
            "tokio",
            "tokio_util",
            "futures",
            "serde",
            "serde_json",
            "json_patch",
            "chrono",
            "thiserror",
        ],
    ),
    layer(
        "runtime",
        &["model", "strategy", "core", "plan", "cluster", "telemetry", "journal", "process", "ui"],
        &[
            "tokio",
            "tokio_util",
            "futures",
            "crossterm",
            "ratatui",
            "rustix",
            "rustls",
            "color_eyre",
            "uuid",
            "chrono",
            "toml",
            "serde",
            "serde_json",
            "etcetera",
            "secrecy",
            "thiserror",
            "tracing",
            "tracing_subscriber",
            "tracing_appender",
            "tui_logger",
        ],
    ),
    layer(
        "cli",
        &["runtime", "core", "model", "journal", "plan", "ui", "sim"],
        &[
            "clap",
            "clap_complete",
            "clap_mangen",
            "serde",
            "serde_json",
            "chrono",
            "color_eyre",
            "thiserror",
            "tokio",
            "tokio_util",
        ],
    ),
];

/// Code of one file without comments, strings and tests: only what is compiled into the program counts.
fn code(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let skipped = skip(rest);
        if skipped > 0 {
            out.push(' ');
            rest = &rest[skipped..];
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    out.split("#[cfg(test)]\nmod ").next().unwrap_or_default().to_owned()
}

/// Length of the comment or string that begins here, or 0.
fn skip(text: &str) -> usize {
    if text.starts_with("//") {
        return text.find('\n').unwrap_or(text.len());
    }
    if text.starts_with("/*") {
        return text.find("*/").map_or(text.len(), |end| end + 2);
    }
    if let Some(hashes) = raw_string(text) {
        let close = format!("\"{}", "#".repeat(hashes));
        let open = 2 + hashes;
        return text[open..].find(&close).map_or(text.len(), |end| open + end + close.len());
    }
    if text.starts_with("'\"'") {
        return 3;
    }
    if text.starts_with('"') {
        return quoted(text);
    }
    0
}

fn raw_string(text: &str) -> Option<usize> {
    let rest = text.strip_prefix('r')?;
    let hashes = rest.chars().take_while(|c| *c == '#').count();
    rest[hashes..].starts_with('"').then_some(hashes)
}

fn quoted(text: &str) -> usize {
    let mut escaped = false;
    for (index, c) in text.char_indices().skip(1) {
        match c {
            '\\' if !escaped => escaped = true,
            '"' if !escaped => return index + 1,
            _ => escaped = false,
        }
    }
    text.len()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn is_test(path: &Path) -> bool {
    let words = ["tests", "tests.rs", "fixture.rs", "fixture", "recorded.rs"];
    path.components().any(|part| words.contains(&part.as_os_str().to_str().unwrap()))
}

/// Identifiers followed by `::`, that do not themselves follow `::`, `.` or another identifier character.
fn path_heads(code: &str) -> BTreeSet<String> {
    let mut heads = BTreeSet::new();
    for (index, _) in code.match_indices("::") {
        let head: String =
            code[..index].chars().rev().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        let before = code[..index - head.len()].trim_end();
        if !head.is_empty() && !before.ends_with("::") && !before.ends_with('.') {
            heads.insert(head.chars().rev().collect());
        }
    }
    heads
}

/// Folders named after `crate::`.
fn own_folders(code: &str) -> BTreeSet<String> {
    let mut folders = BTreeSet::new();
    for (index, found) in code.match_indices("crate::") {
        let rest = &code[index + found.len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let inner = group.split('}').next().unwrap_or_default();
            folders
                .extend(inner.split(',').map(|part| part.trim().split("::").next().unwrap_or("").to_owned()));
        } else {
            folders.insert(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
    folders.remove("");
    folders
}

fn dependencies() -> BTreeSet<String> {
    let manifest = fs::read_to_string("Cargo.toml").unwrap();
    let section =
        manifest.split("\n[dependencies]\n").nth(1).unwrap().split("\n[dev-dependencies]").next().unwrap();
    section
        .lines()
        .filter_map(|line| line.split_once(" = "))
        .filter(|(name, _)| !name.starts_with('#'))
        .map(|(name, _)| name.replace('-', "_"))
        .collect()
}

fn violations() -> Vec<String> {
    let dependencies = dependencies();
    let mut found = Vec::new();
    for layer in LAYERS {
        let folder = Path::new("src").join(layer.folder);
        for path in files(&folder).iter().filter(|path| !is_test(path)) {
            let code = code(&fs::read_to_string(path).unwrap());
            let shown = path.display();
            for own in own_folders(&code) {
                if own != layer.folder && !layer.ours.contains(&own.as_str()) {
                    found.push(format!("{shown}: {} may not import crate::{own}", layer.folder));
                }
            }
            for head in path_heads(&code).intersection(&dependencies) {
                if !layer.crates.contains(&head.as_str()) {
                    found.push(format!("{shown}: {} may not use the crate {head}", layer.folder));
                }
            }
            let depth = path.strip_prefix(&folder).unwrap().components().count();
            let inside = if path.ends_with("mod.rs") { depth - 1 } else { depth };
            if code.contains(&"super::".repeat(inside + 1)) {
                found.push(format!("{shown}: super:: leaves the folder"));
            }
        }
    }
    found
}

#[test]
fn every_import_stands_in_the_layer_table() {
    let found = violations();
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

#[test]
fn every_folder_stands_in_the_layer_table() {
    let named: BTreeSet<String> = LAYERS.iter().map(|layer| layer.folder.to_owned()).collect();
    let present: BTreeSet<String> = fs::read_dir("src")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    assert_eq!(named, present);
}

#[test]
fn every_dependency_is_used_by_some_layer() {
    let text: String =
        files(Path::new("src")).iter().map(|path| code(&fs::read_to_string(path).unwrap())).collect();
    let heads = path_heads(&text);
    // features of the TLS provider and of Kubernetes' types are switched on through these two, which no code names
    let by_feature = ["k8s_openapi"];
    let unused: Vec<String> = dependencies()
        .into_iter()
        .filter(|name| !heads.contains(name) && !by_feature.contains(&name.as_str()))
        .collect();
    assert!(unused.is_empty(), "in Cargo.toml and nowhere else: {unused:?}");
}

#[test]
fn files_stay_small() {
    let long: BTreeMap<String, usize> = files(Path::new("src"))
        .iter()
        .map(|path| (path.display().to_string(), fs::read_to_string(path).unwrap().lines().count()))
        .filter(|(_, lines)| *lines > 420)
        .collect();
    assert!(long.is_empty(), "make each a folder: {long:?}");
}

#[test]
fn nothing_below_the_ui_names_a_colour() {
    for layer in LAYERS.iter().filter(|layer| !["ui", "runtime", "cli"].contains(&layer.folder)) {
        for path in files(&Path::new("src").join(layer.folder)) {
            let heads = path_heads(&code(&fs::read_to_string(&path).unwrap()));
            assert!(!heads.contains("Color") && !heads.contains("Style"), "{}", path.display());
        }
    }
}
