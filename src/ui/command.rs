//! The one table of commands. Help, palette, footer, key validation and the README's key table derive from it.

use crate::model::act::ActKind;

use super::keymap::Keymap;
use super::screens::ScreenId;

/// Everything that a key or the palette can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each command is told by its row in the table")]
pub enum Command {
    Stop,
    Hold,
    RollBack,
    Promote,
    Resume,
    TakeControl,
    Restart,
    Scale,
    SetImage,
    ResetStop,
    /// All steps at once.
    PromoteFull,
    /// An aborted update once more.
    Retry,
    Overview,
    Rollout,
    Pods,
    Signals,
    Checklist,
    Timeline,
    OwnLog,
    Up,
    Down,
    PageUp,
    PageDown,
    HalfUp,
    HalfDown,
    Top,
    Bottom,
    Open,
    NextPane,
    PreviousPane,
    Back,
    Filter,
    Sort,
    Namespaces,
    Palette,
    Help,
    Identity,
    Note,
    Copy,
    Acknowledge,
    Logs,
    PreviousLogs,
    Describe,
    Yaml,
    Window,
    Freeze,
    Tick,
    Coach,
    Mouse,
    Quit,
    NextMatch,
    PreviousMatch,
    SheetSend,
    SheetRequest,
}

/// Where a command can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// From every screen and inside every dialog.
    Always,
    /// From every screen while no dialog is open.
    Main,
    /// From these screens while no dialog is open.
    Screens(&'static [ScreenId]),
    /// While a page of text (log, YAML, help) is read; here it goes before `Main`.
    Page,
    /// In an open act sheet, which takes all keys but the stop's.
    Sheet,
}

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommandRow {
    /// The command.
    pub command: Command,
    /// Its id in keymap files.
    pub word: &'static str,
    /// Short form for footers.
    pub title: &'static str,
    /// One sentence for help and palette, lower case, no full stop.
    pub tells: &'static str,
    /// Where it can be asked for.
    pub place: Place,
    /// The act that it proposes, if it does.
    pub act: Option<ActKind>,
}

const LOGS: &[ScreenId] = &[ScreenId::Overview, ScreenId::Rollout, ScreenId::Pods];
const PODS: &[ScreenId] = &[ScreenId::Pods];
const SIGNALS: &[ScreenId] = &[ScreenId::Signals];
const CHECKLIST: &[ScreenId] = &[ScreenId::Checklist];

/// The table, in the order of help.
#[rustfmt::skip]
pub const COMMANDS: [CommandRow; 54] = [
    row(Command::Stop, "stop", "STOP", "emergency stop: press it, read the bar, press it once more", Place::Always, Some(ActKind::Stop)),
    row(Command::Hold, "hold", "hold", "nothing advances any further; at once, asks nothing", Place::Main, Some(ActKind::Hold)),
    row(Command::RollBack, "roll-back", "roll back", "return to a revision known good; opens a sheet", Place::Main, Some(ActKind::RollBack)),
    row(Command::Promote, "promote", "promote", "take the next step, where the console drives it; opens a sheet, needs control", Place::Main, Some(ActKind::Promote)),
    row(Command::Resume, "resume", "resume", "let a held rollout go on; opens a sheet, needs control", Place::Main, Some(ActKind::Resume)),
    row(Command::TakeControl, "take-control", "take control", "take control by typing the short name shown, or give it up", Place::Main, None),
    row(Command::Restart, "restart", "restart", "replace all pods, same template; opens a sheet, needs control", Place::Main, Some(ActKind::Restart)),
    row(Command::Scale, "scale", "scale", "change the number of pods; opens a sheet, needs control", Place::Main, Some(ActKind::Scale)),
    row(Command::SetImage, "set-image", "set image", "roll out another image; opens a sheet, needs control", Place::Main, Some(ActKind::SetImage)),
    row(Command::ResetStop, "reset-stop", "reset stop", "take the latch of a stop away; not a resume, needs control", Place::Main, Some(ActKind::ResetStop)),
    row(Command::PromoteFull, "promote-full", "promote fully", "let the candidate take everything at once; opens a sheet, needs control", Place::Main, Some(ActKind::PromoteFull)),
    row(Command::Retry, "retry", "retry", "try an aborted update once more; opens a sheet, needs control", Place::Main, Some(ActKind::Retry)),
    row(Command::Overview, "overview", "Overview", "all workloads, what moves and what is wrong first", Place::Main, None),
    row(Command::Rollout, "rollout", "Rollout", "one workload: versions, traffic, way back, why", Place::Main, None),
    row(Command::Pods, "pods", "Pods", "pods by version, those not well first", Place::Main, None),
    row(Command::Signals, "signals", "Signals", "error rate, latency and request rate of both versions", Place::Main, None),
    row(Command::Checklist, "checklist", "Checklist", "items of the plan, with evidence", Place::Main, None),
    row(Command::Timeline, "timeline", "Timeline", "what happened, who did it, what proved it", Place::Main, None),
    row(Command::OwnLog, "own-log", "own log", "what the console itself did and met", Place::Main, None),
    row(Command::Up, "up", "up", "one row up", Place::Main, None),
    row(Command::Down, "down", "down", "one row down", Place::Main, None),
    row(Command::PageUp, "page-up", "page up", "one page up", Place::Main, None),
    row(Command::PageDown, "page-down", "page down", "one page down", Place::Main, None),
    row(Command::HalfUp, "half-up", "half up", "half a page up", Place::Main, None),
    row(Command::HalfDown, "half-down", "half down", "half a page down", Place::Main, None),
    row(Command::Top, "top", "top", "to the first row", Place::Main, None),
    row(Command::Bottom, "bottom", "bottom", "to the last row", Place::Main, None),
    row(Command::Open, "open", "details", "open what is selected; never changes anything", Place::Main, None),
    row(Command::NextPane, "next-pane", "next part", "to the next part of the screen", Place::Main, None),
    row(Command::PreviousPane, "previous-pane", "part before", "to the part of the screen before", Place::Main, None),
    row(Command::Back, "back", "back", "close what is open, clear the filter, go back; never quits", Place::Main, None),
    row(Command::Filter, "filter", "filter", "show only rows that contain a word; Enter keeps it, Esc clears it", Place::Main, None),
    row(Command::Sort, "sort", "order", "sort the rows by something else", Place::Main, None),
    row(Command::Namespaces, "namespaces", "namespaces", "choose one or several namespaces", Place::Main, None),
    row(Command::Palette, "palette", "palette", "find any command by its name", Place::Main, None),
    row(Command::Help, "help", "help", "this list", Place::Main, None),
    row(Command::Identity, "identity", "identity", "which cluster this is, and who you are to it", Place::Main, None),
    row(Command::Note, "note", "note", "put a note on the record", Place::Main, None),
    row(Command::Copy, "copy", "copy", "copy the selected line or name, and show what was copied", Place::Main, None),
    row(Command::Acknowledge, "acknowledge", "acknowledge", "say that the worst alarm was seen", Place::Main, None),
    row(Command::Logs, "logs", "logs", "log of the pod, or of the workload's worst pod", Place::Screens(LOGS), None),
    row(Command::PreviousLogs, "previous-logs", "log before", "log of the run before the last restart", Place::Screens(PODS), None),
    row(Command::Describe, "describe", "describe", "what is known of the pod, with its events", Place::Screens(PODS), None),
    row(Command::Yaml, "yaml", "YAML", "the object as the cluster has it", Place::Screens(LOGS), None),
    row(Command::Window, "window", "window", "another span of time", Place::Screens(SIGNALS), None),
    row(Command::Freeze, "freeze", "freeze", "keep the picture still while data goes on", Place::Screens(SIGNALS), None),
    row(Command::Tick, "tick", "tick", "tick the item with its evidence, or take its tick back with a reason", Place::Screens(CHECKLIST), None),
    row(Command::Coach, "coach", "coach", "turn the demo's coach line off or on", Place::Main, None),
    row(Command::Mouse, "mouse", "mouse", "let the mouse select rows and screens, or give it back to the terminal", Place::Main, None),
    row(Command::Quit, "quit", "quit", "leave; asks once while an act is in flight", Place::Main, None),
    row(Command::NextMatch, "next-match", "next", "next place where the text was found", Place::Page, None),
    row(Command::PreviousMatch, "previous-match", "previous", "place before where the text was found", Place::Page, None),
    row(Command::SheetSend, "sheet-send", "send", "send what the sheet shows", Place::Sheet, None),
    row(Command::SheetRequest, "sheet-request", "request", "show the request as it will be sent", Place::Sheet, None),
];

const fn row(
    command: Command,
    word: &'static str,
    title: &'static str,
    tells: &'static str,
    place: Place,
    act: Option<ActKind>,
) -> CommandRow {
    CommandRow { command, word, title, tells, place, act }
}

impl Command {
    /// This command's row.
    #[must_use]
    pub const fn row(self) -> &'static CommandRow {
        &COMMANDS[self as usize]
    }

    /// Finds a command by its word in keymap files.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        COMMANDS.iter().find(|row| row.word == word).map(|row| row.command)
    }

    /// The command that proposes an act.
    #[must_use]
    pub fn of_act(act: ActKind) -> Option<Self> {
        COMMANDS.iter().find(|row| row.act == Some(act)).map(|row| row.command)
    }
}

impl Place {
    /// Whether a key bound in both places would be ambiguous. `Page` goes before `Main` on purpose.
    #[must_use]
    pub fn clashes(self, other: Self) -> bool {
        match (self, other) {
            (Self::Screens(left), Self::Screens(right)) => left.iter().any(|id| right.contains(id)),
            (Self::Always, _)
            | (_, Self::Always)
            | (Self::Main | Self::Screens(_), Self::Main | Self::Screens(_))
            | (Self::Page, Self::Page)
            | (Self::Sheet, Self::Sheet) => true,
            (Self::Page | Self::Sheet, _) | (_, Self::Page | Self::Sheet) => false,
        }
    }
}

/// The key table as Markdown, for the README.
#[must_use]
pub fn key_table(keymap: &Keymap) -> String {
    let mut out = String::from("| Key | Command | What it does |\n|---|---|---|\n");
    for row in &COMMANDS {
        let keys: Vec<String> = keymap.keys(row.command).map(|key| format!("`{key}`")).collect();
        let keys = if keys.is_empty() { "palette".to_owned() } else { keys.join(" ") };
        let keys = keys.replace('|', "\\|");
        out.extend(["| ", &keys, " | ", row.title, " | ", row.tells, " |\n"]);
    }
    out
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::model::act::ACTS;

    #[test]
    fn every_command_finds_its_own_row_and_is_told() {
        for row in &COMMANDS {
            assert_eq!(row.command.row(), row);
            assert_eq!(Command::parse(row.word), Some(row.command));
            assert!(!row.title.is_empty() && !row.tells.is_empty() && !row.tells.ends_with('.'));
        }
        let words: BTreeSet<_> = COMMANDS.iter().map(|row| row.word).collect();
        assert_eq!(words.len(), COMMANDS.len());
    }

    #[test]
    fn every_act_has_a_command() {
        for act in ACTS {
            assert!(Command::of_act(act.kind).is_some(), "{}", act.word);
        }
    }

    #[test]
    fn the_readme_table_names_every_command_with_its_keys() {
        let table = key_table(&Keymap::shipped());
        for row in &COMMANDS {
            assert!(table.contains(row.tells), "{}", row.word);
        }
        assert!(table.contains("| `H` | hold |"));
        assert!(table.contains("| palette | restart |"));
    }
}
