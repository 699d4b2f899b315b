//! What the kernel says of a program: memory and processor time.

use std::fs;

use color_eyre::eyre::{Result, WrapErr, eyre};

/// Kernel clock ticks in a second, as `/proc` counts processor time on every Linux of today.
const TICKS: f64 = 100.0;

/// Resident memory of a process.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Memory {
    /// Now, in MiB.
    pub(super) now: f64,
    /// The most it ever was, in MiB.
    pub(super) peak: f64,
}

/// Resident memory of the process.
pub(super) fn memory(pid: u32) -> Result<Memory> {
    let status = read(pid, "status")?;
    let mib = |field: &str| -> Result<f64> {
        let line = status.lines().find_map(|line| line.strip_prefix(field));
        let kib = line.and_then(|line| line.trim_matches([':', ' ', '\t']).strip_suffix(" kB"));
        let kib: f64 = kib.ok_or_else(|| eyre!("no {field} of process {pid}"))?.trim().parse()?;
        Ok(kib / 1024.0)
    };
    Ok(Memory { now: mib("VmRSS")?, peak: mib("VmHWM")? })
}

/// Seconds of processor time that the process has used, in steps of 10 ms; threads that ended count.
pub(super) fn cpu(pid: u32) -> Result<f64> {
    let stat = read(pid, "stat")?;
    // the name, in brackets, may hold blanks
    let fields = stat.rsplit_once(')').map(|(_, rest)| rest.split_whitespace().collect::<Vec<_>>());
    let ticks = |index: usize| -> Result<f64> {
        let field = fields.as_ref().and_then(|fields| fields.get(index));
        Ok(field.ok_or_else(|| eyre!("process {pid} says {stat:?}"))?.parse()?)
    };
    Ok((ticks(11)? + ticks(12)?) / TICKS)
}

fn read(pid: u32, file: &str) -> Result<String> {
    fs::read_to_string(format!("/proc/{pid}/{file}")).wrap_err_with(|| format!("process {pid} has ended"))
}
