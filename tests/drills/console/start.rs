//! How the console comes and goes.

use std::time::Duration;

use color_eyre::eyre::{Result, ensure};

use crate::{
    harness::{cluster::Cluster, site::Site},
    rig::users::Role,
    support::screen::Size,
};

/// How long a program that only prints may run.
const PRINTING: Duration = Duration::from_secs(10);

pub(crate) fn helps(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "console-helps", Role::Observer)?;
    let mut console = site.console(Size::SMALL, &["--help"])?;
    let code = console.exit_code(PRINTING)?;
    ensure!(code == Some(0) && !console.frame().full_screen, "{code:?}\n{}", console.frame());
    Ok(())
}
