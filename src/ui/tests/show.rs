use super::super::fixture::*;
use crate::model::act::Act;
use crate::model::ids::ShortName;
#[test]
fn show() {
    let mut state = stuck();
    state.desk.sheet = Some(sheet(&state));
    let mut picture = ui(&state);
    println!("{}\n=====", text(&state, &picture, 80, 24));
    println!("{}\n=====", text(&state, &picture, 40, 12));
    picture.sheet.request = true;
    println!("{}\n=====", text(&state, &picture, 80, 24));
    picture.sheet.request = false;
    state.desk.sheet.as_mut().unwrap().typed_name = Some(ShortName::new("prod-eu"));
    println!("{}\n=====", text(&state, &picture, 120, 40));
    let goal = goal(Act::RollBack { to: None }, "api");
    state.desk.sheet.as_mut().unwrap().sent = Some(goal.act.clone());
    state.desk.goals.insert(goal.act.clone(), goal);
    println!("{}\n=====", text(&state, &picture, 80, 24));
    let mut state = stuck();
    state.desk.stop = Some(stop_bar());
    println!("{}\n=====", text(&state, &ui(&state), 80, 24));
    println!("{}\n=====", text(&state, &ui(&state), 20, 5));
    let state = stopped();
    println!("{}\n=====", text(&state, &ui(&state), 80, 24));
    let state = planned();
    println!("{}\n=====", text(&state, &ui(&state), 120, 40));
    println!("{}\n=====", text(&state, &ui(&state), 80, 24));
}
