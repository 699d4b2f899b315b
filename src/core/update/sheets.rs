//! Sheets: opened at once from what is known, filled in as answers come, sent when confirmed.

use sha2::{Digest, Sha256};

use crate::model::act::{Act, ActKind, Confirm};
use crate::model::fact::Fact;
use crate::model::outline::{Outline, Refusal, RefusalKind, Want};
use crate::model::request::{Outcome, Write};
use crate::model::target::Target;
use crate::model::text::Text;
use crate::strategy::strategy_of;

use super::{Turn, policy};
use crate::core::desk::Tone;
use crate::core::effect::Effect;
use crate::core::rights;
use crate::core::sheet::{DryRun, ReadBack, Sheet, SheetId};

impl Turn<'_> {
    /// Opens the sheet of an act; a hold is done at once.
    pub(super) fn propose(&mut self, target: &Target, act: Act) {
        let act = self.named_by_effect(target, act);
        let kind = act.kind();
        if let Err(refusal) = policy::check(self.state, kind, target) {
            return self.refuse(kind, target, &refusal);
        }
        match kind.row().confirm {
            Confirm::Nothing => self.hold(target),
            Confirm::Chord => self.say(Tone::Warning, "press ! twice for the emergency stop"),
            Confirm::Sheet | Confirm::Typed => self.open_sheet(target, act),
        }
    }

    /// `P` on a held Deployment is a resume, and is called one.
    fn named_by_effect(&self, target: &Target, act: Act) -> Act {
        let held =
            self.state.world.view(target).is_some_and(|view| view.paused && view.strategy == "rolling");
        if act == Act::Promote && held { Act::Resume } else { act }
    }

    /// Says no in one line, with the remedy; kept in the session's journal, if there is one.
    pub(super) fn refuse(&mut self, kind: ActKind, target: &Target, refusal: &Refusal) {
        self.say(Tone::Warning, refusal.to_string());
        self.append_if_open(Fact::Refused {
            what: kind,
            target: target.clone(),
            kind: refusal.kind,
            why: refusal.why.clone(),
        });
    }

    /// What an act would do now, if the cluster is not known to forbid it.
    pub(super) fn outline(&self, target: &Target, act: &Act) -> Result<Outline, Refusal> {
        let outline = self.outline_as_if_permitted(target, act)?;
        match self.forbidden(&outline) {
            Some(refusal) => Err(refusal),
            None => Ok(outline),
        }
    }

    /// What an act would do now; a right that is missing stands on the sheet of a roll-back, which is worth reading all
    /// the same.
    fn outline_as_if_permitted(&self, target: &Target, act: &Act) -> Result<Outline, Refusal> {
        let Some(watched) = self.state.world.workloads.get(target) else {
            return Err(Refusal::new(RefusalKind::Changed, format!("{target} is not there")));
        };
        if *act == Act::ResetStop {
            return self.reset_outline(target);
        }
        strategy_of(&watched.set).outline(act, &watched.set, &watched.known)
    }

    fn open_sheet(&mut self, target: &Target, act: Act) {
        let chooses = matches!(act, Act::RollBack { .. });
        let outline =
            if chooses { self.outline_as_if_permitted(target, &act) } else { self.outline(target, &act) };
        if let Err(refusal) = &outline
            && (!chooses || refusal.kind == RefusalKind::NotPossibleHere)
        {
            let refusal = refusal.clone();
            return self.refuse(act.kind(), target, &refusal);
        }
        let Some(view) = self.state.world.view(target) else { return };
        let revisions = if chooses { view.revisions.clone() } else { Vec::new() };
        let id = SheetId(self.counted());
        let sheet = Sheet {
            id,
            act,
            target: target.clone(),
            digest: outline.as_ref().map(digest).unwrap_or_default(),
            typed_name: self.typed_name(&outline),
            outline,
            chosen: None,
            revisions,
            rights: Vec::new(),
            dry_run: DryRun::NotNeeded,
            read_back: ReadBack::NotNeeded,
            opened: self.now,
            drawn: self.state.settings.headless,
            voided: None,
            sent: None,
            complaint: None,
        };
        self.state.desk.sheet = Some(sheet);
        self.mark_chosen();
        self.fill_in();
        if chooses {
            self.ask_all_templates(target);
        }
    }

    fn typed_name(&self, outline: &Result<Outline, Refusal>) -> Option<crate::model::ids::ShortName> {
        let destructive = outline.as_ref().is_ok_and(|outline| outline.destructive);
        destructive.then(|| self.state.settings.short_name.clone())
    }

    /// Asks for what the sheet still lacks: rights, a dry run, and for acts that raise risk the full re-read.
    fn fill_in(&mut self) {
        let Some(sheet) = &mut self.state.desk.sheet else { return };
        let Ok(outline) = &sheet.outline else { return };
        let queries = rights::behind(outline);
        sheet.rights = queries.iter().map(|q| (q.clone(), self.state.world.access.get(q).cloned())).collect();
        self.effects.extend(queries.into_iter().map(Effect::Review));
        if let Some(step) = outline.steps.first() {
            sheet.dry_run = DryRun::Waiting;
            let request = Box::new(step.request.clone());
            self.effects.push(Effect::DryRun { sheet: sheet.id, request });
        }
        if sheet.act.kind().raises_risk() && !outline.steps.is_empty() {
            sheet.read_back = ReadBack::Waiting;
            self.effects.push(Effect::ReadBack { sheet: sheet.id, target: sheet.target.clone() });
        }
    }

    /// Noise refreshes a sheet in place; another target, direction or template voids it.
    pub(super) fn refresh_sheet(&mut self, target: &Target) {
        let Some(sheet) = self.state.desk.sheet.as_ref().filter(|s| s.target == *target && s.sent.is_none())
        else {
            return;
        };
        let fresh = self.outline(target, &sheet.act);
        let was_ready = sheet.outline.is_ok();
        let same = match (&sheet.outline, &fresh) {
            // a way back may change its means while it is read; what it leads to is what was confirmed
            (Ok(shown), Ok(outline)) if !sheet.act.kind().raises_risk() => {
                (&shown.uid, &shown.want) == (&outline.uid, &outline.want)
            }
            (Ok(_), Ok(outline)) => digest(outline) == sheet.digest,
            // a missing right stands on the sheet; what it is about is the same
            (Ok(_), Err(refusal)) if refusal.kind == RefusalKind::Permission => true,
            (Ok(shown), Err(refusal)) => {
                let life = self.state.world.view(target).map(|view| &view.uid);
                refusal.kind == RefusalKind::TemplateNotRead && life == Some(&shown.uid)
            }
            (Err(_), _) => true,
        };
        let revisions = self.state.world.view(target).map(|view| view.revisions.clone()).unwrap_or_default();
        let typed_name = self.typed_name(&fresh);
        let Some(sheet) = &mut self.state.desk.sheet else { return };
        if !same {
            sheet.voided = Some(Text::clean("what it acts on has changed: Esc, and look again"));
            return;
        }
        if matches!(sheet.act, Act::RollBack { .. }) {
            sheet.revisions = revisions;
        }
        if fresh.is_ok() || !was_ready {
            sheet.digest = fresh.as_ref().map(digest).unwrap_or_default();
            sheet.typed_name = typed_name;
            sheet.outline = fresh;
        }
        let now_ready = !was_ready && sheet.outline.is_ok();
        self.mark_chosen();
        if now_ready {
            self.fill_in();
        }
    }

    /// Which line of the chooser the outline goes to.
    fn mark_chosen(&mut self) {
        let Some(sheet) = &mut self.state.desk.sheet else { return };
        let hash = match (&sheet.act, &sheet.outline) {
            (Act::RollBack { to: Some(key) }, _) => Some(key.hash.clone()),
            (_, Ok(Outline { want: Want::Serving { hash, .. }, .. })) => hash.clone(),
            _ => None,
        };
        let name = match &sheet.outline {
            Ok(outline) if hash.is_none() => outline.want.destination(),
            _ => None,
        };
        sheet.chosen = sheet.revisions.iter().position(|revision| {
            Some(&revision.key.hash) == hash.as_ref() || Some(revision.name.as_str()) == name
        });
    }

    /// Moves the choice in a roll-back sheet; the present revision cannot be chosen.
    pub(super) fn choose_revision(&mut self, by: i32) {
        let Some(sheet) = self.state.desk.sheet.as_ref().filter(|sheet| sheet.sent.is_none()) else { return };
        let choices: Vec<usize> =
            sheet.revisions.iter().enumerate().filter(|(_, r)| !r.current).map(|(index, _)| index).collect();
        if choices.is_empty() {
            return;
        }
        let at = sheet.chosen.and_then(|chosen| choices.iter().position(|index| *index == chosen));
        let last = i32::try_from(choices.len()).unwrap_or(i32::MAX) - 1;
        let next = at.map_or(0, |at| (i32::try_from(at).unwrap_or(0) + by).clamp(0, last));
        let index = choices[usize::try_from(next).unwrap_or(0)];
        let (target, key) = (sheet.target.clone(), sheet.revisions[index].key.clone());
        let act = Act::RollBack { to: Some(key) };
        let outline = self.outline_as_if_permitted(&target, &act);
        if let Some(sheet) = &mut self.state.desk.sheet {
            sheet.act = act;
            sheet.digest = outline.as_ref().map(digest).unwrap_or_default();
            sheet.outline = outline;
            sheet.chosen = Some(index);
            sheet.complaint = None;
            sheet.voided = None;
        }
        self.fill_in();
    }

    /// A frame with the sheet reached the terminal: its keys count from now on.
    pub(super) fn drawn(&mut self, id: Option<SheetId>) {
        if let Some(sheet) = self.state.desk.sheet.as_mut().filter(|sheet| Some(sheet.id) == id) {
            sheet.drawn = true;
        }
    }

    /// A dry run was answered.
    pub(super) fn dry_run_answered(&mut self, id: SheetId, outcome: &Outcome) {
        let Some(sheet) = self.state.desk.sheet.as_mut().filter(|sheet| sheet.id == id) else { return };
        let step = sheet.outline.as_ref().ok().and_then(|outline| outline.steps.first());
        let request = step.map(|step| step.request.clone());
        sheet.dry_run = DryRun::Answered(outcome.clone());
        if let Some(request) = request {
            self.learn_refusal(&request, outcome);
        }
        self.settle_complaint();
    }

    /// `y`: sends what the sheet shows.
    pub(super) fn confirm(&mut self, typed: Option<&str>) {
        let Some(sheet) = self.state.desk.sheet.as_ref().filter(|sheet| sheet.sent.is_none()) else { return };
        if !sheet.drawn {
            return;
        }
        let (act, digest) = (sheet.act.clone(), sheet.digest.clone());
        match self.confirmable(sheet, typed) {
            Ok(outline) if act == Act::ResetStop => self.reset_stop(&outline.target),
            Ok(outline) => {
                let id = self.start(act, outline, digest);
                if let Some(sheet) = &mut self.state.desk.sheet {
                    sheet.sent = Some(id);
                    sheet.complaint = None;
                }
            }
            Err(refusal) => {
                if let Some(sheet) = &mut self.state.desk.sheet {
                    sheet.complaint = Some(Text::clean(&refusal.to_string()));
                }
            }
        }
    }

    fn confirmable(&self, sheet: &Sheet, typed: Option<&str>) -> Result<Outline, Refusal> {
        let outline = sheet.outline.clone()?;
        let kind = sheet.act.kind();
        policy::check(self.state, kind, &sheet.target)?;
        if let Some(why) = &sheet.voided {
            return Err(Refusal::new(RefusalKind::Changed, why.clone()));
        }
        if let Some(name) = &sheet.typed_name
            && typed != Some(name.as_str())
        {
            return Err(Refusal::new(RefusalKind::Mode, format!("type {name} to confirm")));
        }
        if let Some(refusal) = self.forbidden(&outline) {
            return Err(refusal);
        }
        if kind.raises_risk() {
            still_filling(sheet)?;
        }
        Ok(outline)
    }

    /// Closes whatever is open on top; a goal in hand goes on.
    pub(super) fn dismiss(&mut self) {
        let desk = &mut self.state.desk;
        if desk.stop.take().is_some() {
            return;
        }
        if desk.sheet.take().is_none() && desk.hold.take().is_none() {
            desk.notice = None;
        }
    }
}

/// Acts that raise risk wait until the sheet is whole.
fn still_filling(sheet: &Sheet) -> Result<(), Refusal> {
    match &sheet.read_back {
        ReadBack::NotNeeded | ReadBack::Same => {}
        ReadBack::Waiting => return Err(Refusal::new(RefusalKind::Stale, "still reading it in full")),
        ReadBack::Failed(refusal) => return Err(refusal.clone()),
    }
    match &sheet.dry_run {
        DryRun::NotNeeded | DryRun::Answered(Outcome::Applied { .. }) => {}
        DryRun::Waiting => return Err(Refusal::new(RefusalKind::Stale, "the dry run is still out")),
        DryRun::Answered(outcome) => {
            let why = format!("dry run: {}", crate::core::tell::answer(outcome));
            return Err(Refusal::new(RefusalKind::Changed, why));
        }
    }
    if sheet.rights.iter().any(|(_, answer)| answer.is_none()) {
        return Err(Refusal::new(RefusalKind::Permission, "rights are still being asked for"));
    }
    Ok(())
}

/// Identity of what a confirmation is about: the life of the target, the direction and the fields written. Pod counts,
/// generations and ages are noise and take no part.
pub(super) fn digest(outline: &Outline) -> String {
    let mut hash = Sha256::new();
    let want = serde_json::to_string(&outline.want).unwrap_or_default();
    hash.update(format!("{}\n{}\n{}\n{want}\n", outline.act, outline.target, outline.uid));
    for step in &outline.steps {
        hash.update(step.request.resource.path(false));
        hash.update(written(&step.request.write));
    }
    hash.finalize().iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

fn written(write: &Write) -> String {
    match write {
        Write::JsonPatch(serde_json::Value::Array(operations)) => {
            operations.iter().filter(|op| op["op"] != "test").map(ToString::to_string).collect()
        }
        Write::JsonPatch(body) | Write::MergePatch(body) | Write::Create(body) => body.to_string(),
        Write::Delete { .. } => "delete".to_owned(),
    }
}
