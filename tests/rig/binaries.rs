//! Where the programs of the control plane come from: built once from the pinned Go modules beside this
//! file, into a cache named by the content of those modules, and found there ever after.

use std::{
    env,
    fmt::Write as _,
    fs,
    fs::File,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use color_eyre::eyre::{Result, WrapErr, bail, ensure, eyre};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Programs whose Kubernetes libraries agree, hence one Go module.
struct Family {
    name: &'static str,
    go_mod: &'static str,
    go_sum: &'static str,
    programs: &'static [Program],
    /// The module whose version the programs report, for the linker.
    stamp: Option<&'static str>,
    /// The module whose files define the resources that the programs work on.
    definitions: Option<&'static str>,
}

/// One program: its Go package, the file name that `go build` gives it, and the name it goes by here.
struct Program {
    name: &'static str,
    produced: &'static str,
    package: &'static str,
}

const FAMILIES: [Family; 5] = [
    Family {
        name: "kubernetes",
        go_mod: include_str!("go/kubernetes/go.mod"),
        go_sum: include_str!("go/kubernetes/go.sum"),
        programs: &[
            Program { name: "etcd", produced: "server", package: "go.etcd.io/etcd/server/v3" },
            Program::named("kube-apiserver", "k8s.io/kubernetes/cmd/kube-apiserver"),
            Program::named("kube-controller-manager", "k8s.io/kubernetes/cmd/kube-controller-manager"),
            Program::named("kube-scheduler", "k8s.io/kubernetes/cmd/kube-scheduler"),
            Program::named("kubectl", "k8s.io/kubernetes/cmd/kubectl"),
        ],
        stamp: Some("k8s.io/kubernetes"),
        definitions: None,
    },
    Family {
        name: "kwok",
        go_mod: include_str!("go/kwok/go.mod"),
        go_sum: include_str!("go/kwok/go.sum"),
        programs: &[Program::named("kwok", "sigs.k8s.io/kwok/cmd/kwok")],
        stamp: None,
        definitions: None,
    },
    Family {
        name: "argo",
        go_mod: include_str!("go/argo/go.mod"),
        go_sum: include_str!("go/argo/go.sum"),
        programs: &[Program::named(
            "rollouts-controller",
            "github.com/argoproj/argo-rollouts/cmd/rollouts-controller",
        )],
        stamp: None,
        definitions: Some("github.com/argoproj/argo-rollouts"),
    },
    Family {
        name: "flagger",
        go_mod: include_str!("go/flagger/go.mod"),
        go_sum: include_str!("go/flagger/go.sum"),
        programs: &[Program::named("flagger", "github.com/fluxcd/flagger/cmd/flagger")],
        stamp: None,
        definitions: Some("github.com/fluxcd/flagger"),
    },
    Family {
        name: "gateway",
        go_mod: include_str!("go/gateway/go.mod"),
        go_sum: include_str!("go/gateway/go.sum"),
        programs: &[],
        stamp: None,
        definitions: Some("sigs.k8s.io/gateway-api"),
    },
];

impl Program {
    const fn named(name: &'static str, package: &'static str) -> Self {
        Self { name, produced: name, package }
    }
}

/// Paths of every program that the rig starts.
#[derive(Clone, Debug)]
pub(crate) struct Binaries {
    pub(crate) etcd: PathBuf,
    pub(crate) apiserver: PathBuf,
    pub(crate) controller_manager: PathBuf,
    pub(crate) scheduler: PathBuf,
    pub(crate) kubectl: PathBuf,
    pub(crate) kwok: PathBuf,
    pub(crate) prometheus: PathBuf,
    pub(crate) argo_rollouts: PathBuf,
    pub(crate) flagger: PathBuf,
    pub(crate) modules: Modules,
}

/// Where the Go modules lie whose files define resources.
#[derive(Clone, Debug)]
pub(crate) struct Modules {
    pub(crate) argo_rollouts: PathBuf,
    pub(crate) flagger: PathBuf,
    pub(crate) gateway: PathBuf,
}

impl Binaries {
    /// Finds every program, building what is missing. A warm start only looks.
    pub(crate) fn ensure() -> Result<Self> {
        let cache = cache_dir()?;
        fs::create_dir_all(&cache)?;
        // Two test programs may start at once: the second waits for what the first builds.
        let lock = File::create(cache.join("lock"))?;
        lock.lock().wrap_err("cannot lock the cache of control plane programs")?;
        let find = |name| locate(name, &cache);
        Ok(Self {
            etcd: find("etcd")?,
            apiserver: find("kube-apiserver")?,
            controller_manager: find("kube-controller-manager")?,
            scheduler: find("kube-scheduler")?,
            kubectl: find("kubectl")?,
            kwok: find("kwok")?,
            prometheus: prometheus(&cache)?,
            argo_rollouts: find("rollouts-controller")?,
            flagger: find("flagger")?,
            modules: Modules {
                argo_rollouts: module("argo", &cache)?,
                flagger: module("flagger", &cache)?,
                gateway: module("gateway", &cache)?,
            },
        })
    }
}

/// `$KUBEBUILDER_ASSETS` first, then the cache, then a build of the whole family.
fn locate(name: &str, cache: &Path) -> Result<PathBuf> {
    if let Some(assets) = env::var_os("KUBEBUILDER_ASSETS") {
        let path = Path::new(&assets).join(name);
        if path.is_file() {
            return Ok(path);
        }
    }
    let family = FAMILIES
        .iter()
        .find(|family| family.programs.iter().any(|program| program.name == name))
        .ok_or_else(|| eyre!("no Go module builds {name}"))?;
    Ok(family.home(cache)?.join(name))
}

/// The directory of the module that defines a family's resources, in the module cache. It is looked up once:
/// a link in the cache remembers it for as long as it is there.
fn module(family: &str, cache: &Path) -> Result<PathBuf> {
    let family = FAMILIES
        .iter()
        .find(|known| known.name == family)
        .ok_or_else(|| eyre!("no Go module of the name {family}"))?;
    let name = family.definitions.ok_or_else(|| eyre!("{} defines no resources", family.name))?;
    let link = family.home(cache)?.join("module");
    if !link.is_dir() {
        let _ = fs::remove_file(&link);
        symlink(family.download(name)?, &link)?;
    }
    Ok(fs::canonicalize(link)?)
}

impl Family {
    /// The part of the cache's name that changes when anything that is built changes.
    fn key(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(self.go_mod);
        hash.update(self.go_sum);
        for program in self.programs {
            hash.update(program.package);
        }
        hash.finalize().iter().take(8).fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
    }

    /// Where the family's programs are, built if need be.
    fn home(&self, cache: &Path) -> Result<PathBuf> {
        let home = cache.join(format!("{}-{}", self.name, self.key()));
        if !home.is_dir() {
            self.build(&home)?;
        }
        Ok(home)
    }

    /// Where the pinned Go module of the family is.
    fn source(&self) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rig/go").join(self.name)
    }

    /// Brings a module into the module cache, if it is not there, and says where it lies.
    fn download(&self, module: &str) -> Result<PathBuf> {
        let output = Command::new("go")
            .args(["mod", "download", "-json", module])
            .current_dir(self.source())
            .stderr(Stdio::inherit())
            .output()
            .wrap_err("cannot run `go mod download`: install Go 1.26 or newer")?;
        ensure!(output.status.success(), "`go mod download {module}` failed ({})", output.status);
        let answer: Value = serde_json::from_slice(&output.stdout)?;
        answer["Dir"].as_str().map(PathBuf::from).ok_or_else(|| eyre!("{module} has no files: {answer}"))
    }

    /// Builds every program of the family beside `home`, which then appears complete or not at all.
    fn build(&self, home: &Path) -> Result<()> {
        let unfinished = home.with_extension("unfinished");
        let _ = fs::remove_dir_all(&unfinished);
        fs::create_dir_all(&unfinished)?;
        if self.programs.is_empty() {
            return Ok(fs::rename(&unfinished, home)?);
        }
        eprintln!("rig: building the {} programs from Go modules, once (minutes)", self.name);
        let status = Command::new("nice")
            .args(["go", "build", "-p", "2", "-ldflags", &self.linker_flags()?, "-o"])
            .arg(&unfinished)
            .args(self.programs.iter().map(|program| program.package))
            .current_dir(self.source())
            .env("CGO_ENABLED", "0")
            .status()
            .wrap_err("cannot run `go build`: install Go 1.26 or newer, or set KUBEBUILDER_ASSETS")?;
        ensure!(status.success(), "building the {} programs failed ({status})", self.name);
        for program in self.programs {
            fs::rename(unfinished.join(program.produced), unfinished.join(program.name))?;
        }
        fs::rename(&unfinished, home)?;
        Ok(())
    }

    /// Without a version stamp the API server reports a version that clients cannot parse.
    fn linker_flags(&self) -> Result<String> {
        let mut flags = "-s -w".to_owned();
        if let Some(module) = self.stamp {
            let version = self
                .go_mod
                .lines()
                .find_map(|line| line.trim().strip_prefix(module)?.trim().strip_prefix('v'))
                .ok_or_else(|| eyre!("go.mod of {} does not pin {module}", self.name))?;
            let mut parts = version.split('.');
            let (major, minor) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            for (name, value) in
                [("gitVersion", &*format!("v{version}")), ("gitMajor", major), ("gitMinor", minor)]
            {
                // Writing to a string cannot fail.
                let _ = write!(flags, " -X k8s.io/component-base/version.{name}={value}");
            }
        }
        Ok(flags)
    }
}

/// The distribution's Prometheus: installed, or its package unpacked into the cache (nothing is installed,
/// no service starts).
fn prometheus(cache: &Path) -> Result<PathBuf> {
    if let Some(path) = on_path("prometheus") {
        return Ok(path);
    }
    let home = cache.join("prometheus");
    let program = home.join("usr/bin/prometheus");
    if !program.is_file() {
        unpack_debian_package("prometheus", &home)
            .wrap_err("no `prometheus` on the PATH: install it, or run `apt-get update` first")?;
    }
    Ok(program)
}

fn unpack_debian_package(name: &str, home: &Path) -> Result<()> {
    let download = tempfile::tempdir()?;
    let status =
        Command::new("apt-get").args(["download", "-q", name]).current_dir(download.path()).status()?;
    ensure!(status.success(), "`apt-get download {name}` failed ({status})");
    let Some(package) = fs::read_dir(download.path())?.next() else {
        bail!("`apt-get download {name}` left no package");
    };
    let status = Command::new("dpkg-deb").arg("-x").arg(package?.path()).arg(home).status()?;
    ensure!(status.success(), "unpacking the package {name} failed ({status})");
    Ok(())
}

/// The first executable of that name on the `PATH`.
fn on_path(name: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).map(|dir| dir.join(name)).find(|path| path.is_file())
}

fn cache_dir() -> Result<PathBuf> {
    let base = match (env::var_os("XDG_CACHE_HOME"), env::var_os("HOME")) {
        (Some(cache), _) if !cache.is_empty() => PathBuf::from(cache),
        (_, Some(home)) => Path::new(&home).join(".cache"),
        (_, None) => bail!("neither XDG_CACHE_HOME nor HOME is set: no place for the built programs"),
    };
    Ok(base.join("gonogo-rig"))
}
