use super::super::fixture::*;
#[test]
fn show() {
    let state = measured();
    println!("{}\n=====", text(&state, &ui(&state), 120, 40));
    println!("{}\n=====", text(&state, &ui(&state), 200, 60));
}
