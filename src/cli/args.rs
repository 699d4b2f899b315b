//! The command line.

#![expect(
    missing_docs,
    reason = "clap prints doc comments as help; parts whose help stands elsewhere have none"
)]

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::condition::Condition;
use super::exit;
use crate::runtime::config::Partial;

/// A terminal console for going live on Kubernetes: watch a rollout, hold it, take it back, and see that it worked.
///
/// Without a command it opens the console on the current context and namespace. Nothing is changed without a key and,
/// where risk rises, a confirmation.
#[derive(Debug, Parser)]
#[command(name = "gonogo", version, after_help = exit::table(), disable_help_subcommand = true)]
pub struct Cli {
    #[command(flatten)]
    pub connection: ConnectionArgs,
    #[command(flatten)]
    pub picture: PictureArgs,
    #[command(subcommand)]
    pub verb: Option<Verb>,
}

/// Which cluster, and what of it.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Connection")]
pub struct ConnectionArgs {
    /// Context of the kubeconfig, by its exact name
    #[arg(long, global = true, value_name = "NAME")]
    pub context: Option<String>,
    /// Kubeconfig file, in place of KUBECONFIG and ~/.kube/config
    #[arg(long, global = true, value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,
    /// Namespaces in view, separated by commas
    #[arg(short, long = "namespace", global = true, value_name = "NAMES", value_delimiter = ',')]
    pub namespaces: Vec<String>,
    /// All namespaces
    #[arg(short = 'A', long, global = true, conflicts_with = "namespaces")]
    pub all_namespaces: bool,
    /// Where metrics come from; without it, it is looked for in the cluster
    #[arg(long, global = true, value_name = "URL")]
    pub prometheus: Option<String>,
    /// Send nothing but reads
    #[arg(long, global = true)]
    pub read_only: bool,
    /// Obey `insecure-skip-tls-verify` of the kubeconfig; the screen says so all the time
    #[arg(long = "insecure-skip-tls-verify", global = true)]
    pub allow_insecure: bool,
}

/// How the console looks.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Picture")]
pub struct PictureArgs {
    /// Colours: dark, light, high-contrast, colour-blind-safe ones, mono, 16-colour, or a file of your own
    #[arg(long, global = true, value_name = "NAME")]
    pub theme: Option<String>,
    /// Keys: a keymap of your own
    #[arg(long, global = true, value_name = "NAME")]
    pub keymap: Option<String>,
    /// Draw with ASCII characters only
    #[arg(long, global = true)]
    pub ascii: bool,
    /// At most two frames a second
    #[arg(long, global = true)]
    pub low_bandwidth: bool,
    /// The wheel moves the cursor; takes the terminal's own selection away
    #[arg(long, global = true)]
    pub mouse: bool,
}

/// What to do instead of opening the console.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Open the console with a plan
    Run {
        /// Plan file (YAML)
        plan: PathBuf,
    },
    /// Look at a plan file without running it
    Plan {
        #[command(subcommand)]
        verb: PlanVerb,
    },
    /// Open the console on a simulated cluster, in the middle of something
    #[cfg(feature = "sim")]
    Demo {
        /// What happens there; `gonogo demo --list` tells them all
        scenario: Option<String>,
        /// List the scenarios
        #[arg(long)]
        list: bool,
    },
    /// Run the simulated cluster alone, for kubectl or a second console
    #[cfg(feature = "sim")]
    Sim {
        /// What happens there
        scenario: Option<String>,
        /// Port on 127.0.0.1; 0 takes a free one
        #[arg(long, default_value_t = 0)]
        port: u16,
        /// Where to write the kubeconfig; without it a temporary file is named on standard output
        #[arg(long, value_name = "FILE")]
        write_kubeconfig: Option<PathBuf>,
    },
    /// Say how everything in view is
    Status {
        /// Only these, as `api` or `deployment/api`
        targets: Vec<String>,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Wait until nothing in view is in flight, or for what `--for` names
    Wait {
        /// Only these
        targets: Vec<String>,
        /// `at-rest`, `paused` (somebody has to let it go on), `step=N` (from 1), `weight=PERCENT` or `version=NAME`
        /// (that one is stable)
        #[arg(long = "for", default_value = "at-rest", value_name = "CONDITION")]
        until: Condition,
        /// Give up after this long
        #[arg(long, default_value = "10m", value_parser = duration, value_name = "TIME")]
        timeout: Duration,
        #[command(flatten)]
        output: OutputArgs,
    },
    #[command(flatten)]
    Act(ActVerb),
    /// Emergency stop: everything that moves goes back to what was known good, or is held
    Stop {
        /// Only this
        target: Option<String>,
        #[command(flatten)]
        act: ActArgs,
    },
    /// Say which version, files, cluster and metrics source are in use, and why
    Info {
        #[command(flatten)]
        output: OutputArgs,
    },
    /// The sessions kept on this host
    Session {
        #[command(subcommand)]
        verb: SessionVerb,
    },
    /// Print a completion script
    Completions {
        /// For which shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
    /// Print the key table as Markdown
    Keys,
}

/// Acts on one workload.
#[derive(Debug, Subcommand)]
pub enum ActVerb {
    /// Let nothing advance any further
    Hold {
        /// What, as `api` or `deployment/api`
        target: String,
        #[command(flatten)]
        act: ActArgs,
    },
    /// Let a held rollout go on
    Resume {
        /// What
        target: String,
        #[command(flatten)]
        act: ActArgs,
    },
    /// Take the next step, or with `--full` all of them
    Promote {
        /// What
        target: String,
        /// Let the candidate take everything at once
        #[arg(long)]
        full: bool,
        #[command(flatten)]
        act: ActArgs,
    },
    /// Try an aborted update once more
    Retry {
        /// What
        target: String,
        #[command(flatten)]
        act: ActArgs,
    },
    /// Return to a revision known good
    Rollback {
        /// What
        target: String,
        /// Revision: its version, number, ReplicaSet or hash; without it the best one known good
        #[arg(long, value_name = "REVISION")]
        to: Option<String>,
        #[command(flatten)]
        act: ActArgs,
    },
    /// Replace all pods, same template
    Restart {
        /// What
        target: String,
        #[command(flatten)]
        act: ActArgs,
    },
    /// Change the number of pods
    Scale {
        /// What
        target: String,
        /// Wanted pods
        #[arg(long, value_name = "NUMBER")]
        replicas: u32,
        #[command(flatten)]
        act: ActArgs,
    },
    /// Roll out another image
    SetImage {
        /// What
        target: String,
        /// `CONTAINER=IMAGE`, or the image alone where there is one container
        image: String,
        #[command(flatten)]
        act: ActArgs,
    },
}

/// What to do with a plan file.
#[derive(Debug, Subcommand)]
pub enum PlanVerb {
    /// Say what is wrong with it: exit code 2 if it cannot be run, 0 else
    Check {
        /// Plan file (YAML)
        plan: PathBuf,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Say in words what it will do: steps, bakes, what each gate proves
    Explain {
        /// Plan file (YAML)
        plan: PathBuf,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Print the JSON Schema of what this version runs, for editors
    Schema,
}

/// What to do with sessions.
#[derive(Debug, Subcommand)]
pub enum SessionVerb {
    /// All sessions, the newest first
    List {
        #[command(flatten)]
        output: OutputArgs,
    },
    /// One session, entry by entry
    Show {
        /// Its id, or the beginning of it; without it the newest
        id: Option<String>,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Check the chain of hashes, and its head against the one that was recorded in the cluster
    Verify {
        /// Its id, or the beginning of it; without it the newest
        id: Option<String>,
        /// Compare with this instead: `kubectl get configmap gonogo-witness -o json`, saved
        #[arg(long, value_name = "FILE")]
        anchor: Option<PathBuf>,
        /// Do not ask the cluster
        #[arg(long, conflicts_with = "anchor")]
        offline: bool,
        #[command(flatten)]
        output: OutputArgs,
    },
}

/// How the answer is written.
#[derive(Clone, Copy, Debug, Args)]
pub struct OutputArgs {
    /// Form of the answer
    #[arg(short, long, value_enum, default_value_t = Output::Text, value_name = "FORM")]
    pub output: Output,
}

/// Forms of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// For people
    Text,
    /// For programs
    Json,
}

/// How an act is confirmed and followed.
#[derive(Clone, Debug, Args)]
pub struct ActArgs {
    /// Confirm: what `y` is in the console
    #[arg(long)]
    pub yes: bool,
    /// Short name of the environment, for acts that raise risk: what is typed in the console to take control
    #[arg(long, value_name = "SHORTNAME")]
    pub arm: Option<String>,
    /// Say what would be sent, let the server check it, send nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Stop waiting for the proof after this long
    #[arg(long, default_value = "10m", value_parser = duration, value_name = "TIME")]
    pub timeout: Duration,
    #[command(flatten)]
    pub output: OutputArgs,
}

impl Cli {
    /// The settings among the flags; a switch that is not given says nothing.
    #[must_use]
    pub fn settings(&self) -> Partial {
        let given = |switch: bool| switch.then_some(true);
        Partial {
            theme: self.picture.theme.clone(),
            keymap: self.picture.keymap.clone(),
            ascii: given(self.picture.ascii),
            mouse: given(self.picture.mouse),
            low_bandwidth: given(self.picture.low_bandwidth),
            read_only: given(self.connection.read_only),
            prometheus: self.connection.prometheus.clone(),
        }
    }
}

/// Reads `90s`, `10m`, `1h`, `1m30s`.
fn duration(word: &str) -> Result<Duration, String> {
    let bad = || format!("`{word}` is no time: write for example 90s, 10m or 1h30m");
    let mut seconds: u64 = 0;
    let mut digits = String::new();
    for c in word.chars() {
        let unit = match c {
            '0'..='9' => {
                digits.push(c);
                continue;
            }
            's' => 1,
            'm' => 60,
            'h' => 3600,
            _ => return Err(bad()),
        };
        let number: u64 = std::mem::take(&mut digits).parse().map_err(|_| bad())?;
        seconds = number.checked_mul(unit).and_then(|more| seconds.checked_add(more)).ok_or_else(bad)?;
    }
    if digits.is_empty() && seconds > 0 { Ok(Duration::from_secs(seconds)) } else { Err(bad()) }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn help_reads_as_it_is_meant_to() {
        let help = Cli::command().term_width(100).render_long_help().to_string();
        insta::assert_snapshot!(help);
    }

    #[test]
    fn times_are_read_with_their_units_and_nothing_else() {
        for (word, seconds) in [("90s", 90), ("10m", 600), ("1h30m", 5400), ("1m30s", 90)] {
            assert_eq!(duration(word), Ok(Duration::from_secs(seconds)), "{word}");
        }
        for word in ["", "10", "m", "1d", "-5s", "0s", "99999999999999999999h"] {
            assert!(duration(word).is_err(), "{word}");
        }
    }

    #[test]
    fn connection_flags_may_stand_before_or_after_the_verb() {
        for line in [["gonogo", "-n", "a,b", "status"], ["gonogo", "status", "-n", "a,b"]] {
            let cli = Cli::try_parse_from(line).unwrap();
            assert_eq!(cli.connection.namespaces, ["a", "b"]);
        }
        assert!(Cli::try_parse_from(["gonogo", "-A", "-n", "a"]).is_err());
    }
}
