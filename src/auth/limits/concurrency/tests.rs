use tokio::time::timeout;

use crate::{
    auth::limits::concurrency::*,
    language::AskedLanguage,
    types::{ClientIp, RequestId},
};

fn client(number: u32) -> Client {
    Client {
        ip: ClientIp::new(std::net::Ipv4Addr::from(number).into()),
        user_agent: String::new(),
        request_id: RequestId::generate(),
        asked_language: AskedLanguage::default(),
        impersonated_by: None,
        gone: CancellationToken::new(),
    }
}

fn address(number: u32) -> IpAddr {
    client(number).ip.bucket()
}

/// Takes places of an address, of which none has its permit.
fn wait(concurrency: &ConcurrencyLimit, number: u32, places: usize) -> Vec<Waiting> {
    (0..places).map(|_| concurrency.enter(address(number)).unwrap()).collect()
}

fn assert_empty(concurrency: &ConcurrencyLimit) {
    let state = concurrency.lock();
    assert!(state.lines.is_empty() && state.taken == 0, "nothing is kept of addresses that left: {state:?}");
}

#[tokio::test]
async fn an_address_waits_for_itself_and_nobody_else() {
    let concurrency = ConcurrencyLimit::default();
    let one = client(1);
    let mut taken = Vec::new();
    for _ in 0..AT_ONCE {
        taken.push(concurrency.take(&one).await.unwrap());
    }
    let mut next = std::pin::pin!(concurrency.take(&one));
    assert!(timeout(Duration::ZERO, &mut next).await.is_err(), "all permits are taken");
    let other = concurrency.take(&client(2)).await.unwrap();
    drop(taken.pop());
    let next = next.await.unwrap();
    assert_eq!(concurrency.lock().lines.len(), 2);
    drop((taken, next, other));
    assert_empty(&concurrency);
}

#[tokio::test]
async fn whoever_gives_up_waiting_leaves_nothing_behind() {
    let concurrency = ConcurrencyLimit::default();
    let one = client(1);
    let mut taken = Vec::new();
    for _ in 0..AT_ONCE {
        taken.push(concurrency.take(&one).await.unwrap());
    }
    assert!(timeout(Duration::ZERO, concurrency.take(&one)).await.is_err());
    assert_eq!(concurrency.lock().taken, AT_ONCE);
    taken.clear();
    assert_empty(&concurrency);
}

#[tokio::test]
async fn a_client_that_goes_away_frees_its_place_and_the_one_behind_moves_up() {
    let concurrency = ConcurrencyLimit::default();
    let one = client(1);
    let mut taken = Vec::new();
    for _ in 0..AT_ONCE {
        taken.push(concurrency.take(&one).await.unwrap());
    }
    let (leaving, staying) = (client(1), client(1));
    let mut first = std::pin::pin!(concurrency.take(&leaving));
    let mut second = std::pin::pin!(concurrency.take(&staying));
    assert!(timeout(Duration::ZERO, &mut first).await.is_err());
    assert!(timeout(Duration::ZERO, &mut second).await.is_err());
    leaving.gone.cancel();
    assert_eq!(first.await.err(), Some(Busy));
    assert_eq!(concurrency.lock().taken, AT_ONCE + 1);
    drop(taken.pop());
    drop(second.await.unwrap());
    taken.clear();
    assert_empty(&concurrency);
}

#[tokio::test]
async fn a_turn_that_comes_too_late_goes_to_the_one_behind() {
    let concurrency = ConcurrencyLimit::default();
    let mut places = wait(&concurrency, 1, AT_ONCE + 1);
    concurrency.grant(address(1));
    let mut last = places.pop().unwrap();
    drop(places);
    assert!((&mut last.granted).await.is_ok());
    drop(last);
    assert_empty(&concurrency);
}

#[tokio::test]
async fn one_address_has_so_many_places_and_no_more() {
    let concurrency = ConcurrencyLimit::default();
    let places = wait(&concurrency, 1, MAX_WAITING_PER_ADDRESS);
    assert_eq!(concurrency.take(&client(1)).await.err(), Some(Busy));
    drop(concurrency.take(&client(2)).await.unwrap());
    drop(places);
    assert_empty(&concurrency);
}

#[tokio::test]
async fn where_all_places_are_taken_those_with_many_give_way() {
    let concurrency = ConcurrencyLimit::default();
    let addresses = u32::try_from(MAX_IN_ALL / MAX_WAITING_PER_ADDRESS).unwrap();
    let mut places: Vec<Vec<Waiting>> =
        (0..addresses).map(|n| wait(&concurrency, n, MAX_WAITING_PER_ADDRESS)).collect();
    assert_eq!(concurrency.lock().taken, MAX_IN_ALL);
    drop(concurrency.take(&client(1000)).await.unwrap());
    let is_lost = |place: &mut Waiting| matches!(place.granted.try_recv(), Err(oneshot::error::TryRecvError::Closed));
    let lost: Vec<bool> = places.iter_mut().flatten().map(is_lost).collect();
    let newest = lost.chunks(MAX_WAITING_PER_ADDRESS).filter(|line| line.ends_with(&[true])).count();
    let all = lost.iter().filter(|is_lost| **is_lost).count();
    assert_eq!((newest, all), (1, 1), "the newest of a longest line is told to come back");
    assert_eq!(concurrency.lock().taken, MAX_IN_ALL - 1);
    drop(places);
    assert_empty(&concurrency);
}

#[test]
fn nobody_gives_way_to_one_who_has_as_many() {
    let concurrency = ConcurrencyLimit::default();
    let places: Vec<Waiting> = (0..u32::try_from(MAX_IN_ALL).unwrap()).flat_map(|n| wait(&concurrency, n, 1)).collect();
    assert!(concurrency.enter(address(u32::MAX)).is_err());
    drop(places);
    assert_empty(&concurrency);
}
