//! What was measured, as a Markdown table, and what of it is beyond the aim.

use std::fmt::{self, Display, Formatter};

use super::{
    course::{Figures, median, precise},
    crowd::Crowd,
};

/// What is wished for where it depends on the number of pods.
pub(super) struct Aims {
    /// Seconds to the whole list.
    pub(super) whole: f64,
    /// Resident MiB.
    pub(super) resident: f64,
}

/// The console beside kubectl.
pub(super) struct Table<'a> {
    pub(super) crowd: &'a Crowd,
    pub(super) console: &'a Figures,
    pub(super) kubectl: &'a Figures,
    pub(super) aims: &'a Aims,
}

struct Row {
    name: &'static str,
    console: f64,
    /// None for what kubectl does not have.
    kubectl: Option<f64>,
    aim: Option<f64>,
    decimals: usize,
}

impl Table<'_> {
    fn rows(&self) -> Vec<Row> {
        const KIB: f64 = 1024.0;
        let Aims { whole, resident } = *self.aims;
        let row = |name, decimals, of: &dyn Fn(&Figures) -> f64, aim| Row {
            name,
            console: of(self.console),
            kubectl: Some(of(self.kubectl)),
            aim,
            decimals,
        };
        let key = |name, console, aim, decimals| Row { name, console, kubectl: None, aim, decimals };
        let keys = &self.console.keys;
        vec![
            row("first useful frame, s", 3, &|of| of.start.useful, Some(whole)),
            row("whole list on screen, s", 3, &|of| of.start.whole, Some(whole)),
            row("CPU s to the whole list", 2, &|of| of.start.cpu, None),
            row("API KiB received to the whole list", 0, &|of| precise(of.start.received) / KIB, None),
            row("resident MiB at the whole list", 1, &|of| of.start.resident, Some(resident)),
            row("resident MiB settled", 1, &|of| of.settled.now, Some(resident)),
            row("resident MiB after churn", 1, &|of| of.after_churn.now, Some(resident)),
            row("resident MiB peak", 1, &|of| of.after_churn.peak, None),
            row("CPU s/min, still", 2, &|of| of.still.cpu, Some(0.05)),
            row("tty bytes/min, still", 0, &|of| of.still.written, None),
            row("API KiB/min, still", 1, &|of| of.still.received / KIB, None),
            row("CPU s/min, 20 changes/s", 2, &|of| of.churned.cpu, Some(1.0)),
            row("tty bytes/min, 20 changes/s", 0, &|of| of.churned.written, None),
            row("API KiB/min, 20 changes/s", 0, &|of| of.churned.received / KIB, None),
            key("key to a changed screen, ms, median of 20", median(keys.clone()), Some(1.0), 2),
            key("key to a changed screen, ms, slowest", keys.last().copied().unwrap_or_default(), None, 2),
            key("tty bytes a key", precise(self.console.key_bytes), None, 0),
        ]
    }
}

impl Row {
    fn is_beyond(&self) -> bool {
        self.aim.is_some_and(|aim| self.console > aim)
    }
}

impl Display for Table<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Crowd { pods, namespace, .. } = self.crowd;
        writeln!(f, "\n{pods} pods in {namespace}, {:.1} changes a second\n", self.console.rate)?;
        writeln!(f, "| | gonogo | kubectl get pods -w | gonogo / kubectl | aim |")?;
        writeln!(f, "|---|---|---|---|---|")?;
        let rows = self.rows();
        for Row { name, console, kubectl, aim, decimals } in &rows {
            let number = |value: f64| format!("{value:.decimals$}");
            let dash = || "–".to_owned();
            let ratio =
                kubectl.filter(|kubectl| *kubectl > 0.0).map(|kubectl| format!("{:.2}", console / kubectl));
            let aim = aim.map(|aim| format!("{aim}"));
            let kubectl = kubectl.map_or_else(dash, number);
            let (ratio, aim) = (ratio.unwrap_or_else(dash), aim.unwrap_or_else(dash));
            writeln!(f, "| {name} | {} | {kubectl} | {ratio} | {aim} |", number(*console))?;
        }
        for row in rows.iter().filter(|row| row.is_beyond()) {
            let (aim, decimals) = (row.aim.unwrap_or_default(), row.decimals);
            write!(f, "\nBEYOND THE AIM: {}: {:.decimals$}, aim {aim}", row.name, row.console)?;
        }
        Ok(())
    }
}
