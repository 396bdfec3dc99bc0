use tokio::time::timeout;

use crate::{
    auth::limits::concurrency::*,
    types::{ClientIp, RequestId},
};

fn client(number: u32) -> Client {
    Client {
        ip: ClientIp::new(std::net::Ipv4Addr::from(number).into()),
        user_agent: String::new(),
        request_id: RequestId::generate(),
        gone: CancellationToken::new(),
    }
}

fn address(number: u32) -> IpAddr {
    client(number).ip.bucket()
}

/// Places of an address, of which none has had its turn.
fn wait(turns: &Turns, number: u32, places: usize) -> Vec<Waiting> {
    (0..places).map(|_| turns.enter(address(number)).unwrap()).collect()
}

fn assert_empty(turns: &Turns) {
    let state = turns.lock();
    assert!(state.lines.is_empty() && state.taken == 0, "nothing is kept of addresses that left: {state:?}");
}

#[tokio::test]
async fn an_address_waits_for_itself_and_nobody_else() {
    let turns = Turns::default();
    let one = client(1);
    let mut taken = Vec::new();
    for _ in 0..AT_ONCE {
        taken.push(turns.take(&one).await.unwrap());
    }
    let mut next = std::pin::pin!(turns.take(&one));
    assert!(timeout(Duration::ZERO, &mut next).await.is_err(), "all turns are taken");
    let other = turns.take(&client(2)).await.unwrap();
    drop(taken.pop());
    let next = next.await.unwrap();
    assert_eq!(turns.lock().lines.len(), 2);
    drop((taken, next, other));
    assert_empty(&turns);
}

#[tokio::test]
async fn whoever_gives_up_waiting_leaves_nothing_behind() {
    let turns = Turns::default();
    let one = client(1);
    let mut taken = Vec::new();
    for _ in 0..AT_ONCE {
        taken.push(turns.take(&one).await.unwrap());
    }
    assert!(timeout(Duration::ZERO, turns.take(&one)).await.is_err());
    assert_eq!(turns.lock().taken, AT_ONCE);
    taken.clear();
    assert_empty(&turns);
}

#[tokio::test]
async fn a_client_that_goes_away_frees_its_place_and_the_one_behind_moves_up() {
    let turns = Turns::default();
    let one = client(1);
    let mut taken = Vec::new();
    for _ in 0..AT_ONCE {
        taken.push(turns.take(&one).await.unwrap());
    }
    let (leaving, staying) = (client(1), client(1));
    let mut first = std::pin::pin!(turns.take(&leaving));
    let mut second = std::pin::pin!(turns.take(&staying));
    assert!(timeout(Duration::ZERO, &mut first).await.is_err());
    assert!(timeout(Duration::ZERO, &mut second).await.is_err());
    leaving.gone.cancel();
    assert_eq!(first.await.err(), Some(Busy));
    assert_eq!(turns.lock().taken, AT_ONCE + 1);
    drop(taken.pop());
    drop(second.await.unwrap());
    taken.clear();
    assert_empty(&turns);
}

#[tokio::test]
async fn a_turn_that_comes_too_late_goes_to_the_one_behind() {
    let turns = Turns::default();
    let mut places = wait(&turns, 1, AT_ONCE + 1);
    turns.grant(address(1));
    let mut last = places.pop().unwrap();
    drop(places);
    assert!((&mut last.granted).await.is_ok());
    drop(last);
    assert_empty(&turns);
}

#[tokio::test]
async fn one_address_has_so_many_places_and_no_more() {
    let turns = Turns::default();
    let places = wait(&turns, 1, MAX_WAITING_PER_ADDRESS);
    assert_eq!(turns.take(&client(1)).await.err(), Some(Busy));
    drop(turns.take(&client(2)).await.unwrap());
    drop(places);
    assert_empty(&turns);
}

#[tokio::test]
async fn where_all_places_are_taken_those_with_many_give_way() {
    let turns = Turns::default();
    let addresses = u32::try_from(MAX_IN_ALL / MAX_WAITING_PER_ADDRESS).unwrap();
    let mut places: Vec<Vec<Waiting>> = (0..addresses).map(|n| wait(&turns, n, MAX_WAITING_PER_ADDRESS)).collect();
    assert_eq!(turns.lock().taken, MAX_IN_ALL);
    drop(turns.take(&client(1000)).await.unwrap());
    let is_lost = |place: &mut Waiting| matches!(place.granted.try_recv(), Err(oneshot::error::TryRecvError::Closed));
    let lost: Vec<bool> = places.iter_mut().flatten().map(is_lost).collect();
    let newest = lost.chunks(MAX_WAITING_PER_ADDRESS).filter(|line| line.ends_with(&[true])).count();
    let all = lost.iter().filter(|is_lost| **is_lost).count();
    assert_eq!((newest, all), (1, 1), "the newest of a longest line is told to come back");
    assert_eq!(turns.lock().taken, MAX_IN_ALL - 1);
    drop(places);
    assert_empty(&turns);
}

#[test]
fn nobody_gives_way_to_one_who_has_as_many() {
    let turns = Turns::default();
    let places: Vec<Waiting> = (0..u32::try_from(MAX_IN_ALL).unwrap()).flat_map(|n| wait(&turns, n, 1)).collect();
    assert!(turns.enter(address(u32::MAX)).is_err());
    drop(places);
    assert_empty(&turns);
}
