use super::super::fixture::*;
#[test]
fn show() {
    let state = measured();
    let ui = ui(&state);
    for (w, h) in [(80, 24), (120, 40), (40, 12), (30, 8), (20, 5)] {
        println!("{}\n=====", text(&state, &ui, w, h));
    }
}
