use std::sync::atomic::{AtomicU32, Ordering};

use prometheus::Opts;
use tokio::sync::{Mutex as AsyncMutex, mpsc, oneshot};

use crate::tasks::*;

const NAME: &str = "test";

fn tasks(recovered_after: Duration) -> Tasks {
    let restarts = IntCounterVec::new(Opts::new("restarts", "restarts"), &["task"]).unwrap();
    let pace = Pace { first_wait: Duration::from_millis(1), longest_wait: Duration::from_millis(1), recovered_after };
    Tasks { pace, ..Tasks::new(restarts) }
}

fn restarts(tasks: &Tasks) -> u64 {
    tasks.restarts.with_label_values(&[NAME]).get()
}

async fn until(what: &str, is_so: impl Fn() -> bool) {
    let waited = async {
        while !is_so() {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(30), waited).await.unwrap_or_else(|_| panic!("{what} did not come about"));
}

/// Starts a worker that answers questions, and panics at each that is odd.
fn answering(tasks: &Tasks, shutdown: &CancellationToken) -> mpsc::Sender<(u32, oneshot::Sender<u32>)> {
    let (questions, received) = mpsc::channel::<(u32, oneshot::Sender<u32>)>(16);
    let received = Arc::new(AsyncMutex::new(received));
    tasks.supervise(NAME, shutdown, move || {
        let received = Arc::clone(&received);
        async move {
            while let Some((question, answer)) = received.lock().await.recv().await {
                assert!(question % 2 == 0, "odd");
                let _ = answer.send(question);
            }
        }
    });
    questions
}

async fn ask(questions: &mpsc::Sender<(u32, oneshot::Sender<u32>)>, question: u32) -> Option<u32> {
    let (answer, answered) = oneshot::channel();
    questions.send((question, answer)).await.unwrap();
    answered.await.ok()
}

#[tokio::test]
async fn a_panic_costs_the_question_in_hand_and_no_other() {
    let (tasks, shutdown) = (tasks(Duration::from_mins(1)), CancellationToken::new());
    let questions = answering(&tasks, &shutdown);
    assert_eq!(restarts(&tasks), 0);
    for (question, expected) in [(2, Some(2)), (3, None), (4, Some(4)), (5, None), (6, Some(6))] {
        assert_eq!(ask(&questions, question).await, expected);
    }
    assert_eq!(restarts(&tasks), 2);
    until("attendance", || tasks.gone().is_empty()).await;
    drop(questions);
    // Nobody asks any more, so the work is over.
    tasks.wait().await;
    assert_eq!(restarts(&tasks), 2);
}

#[tokio::test]
async fn work_that_keeps_panicking_counts_as_gone_until_it_has_recovered() {
    let (tasks, shutdown) = (tasks(Duration::from_millis(200)), CancellationToken::new());
    let runs = Arc::new(AtomicU32::new(0));
    let (counted, ended) = (Arc::clone(&runs), shutdown.clone());
    tasks.supervise(NAME, &shutdown, move || {
        let run = counted.fetch_add(1, Ordering::Relaxed);
        let ended = ended.clone();
        async move {
            assert!(run >= MAX_PANICS, "one of the first runs");
            ended.cancelled().await;
        }
    });
    until("the run that does not panic", || runs.load(Ordering::Relaxed) == MAX_PANICS + 1).await;
    assert_eq!((tasks.gone(), restarts(&tasks)), (vec![NAME], u64::from(MAX_PANICS)));
    until("recovery", || tasks.gone().is_empty()).await;
    shutdown.cancel();
    tasks.wait().await;
}

#[tokio::test]
async fn a_task_that_waits_to_be_started_again_is_gone_and_does_not_hold_up_the_end() {
    let shutdown = CancellationToken::new();
    let mut tasks = tasks(Duration::from_mins(1));
    (tasks.pace.first_wait, tasks.pace.longest_wait) = (Duration::from_hours(1), Duration::from_hours(1));
    // The panic comes before there is a future.
    tasks.supervise(NAME, &shutdown, || -> std::future::Ready<()> { panic!("at once") });
    until("the panic", || tasks.gone() == [NAME]).await;
    shutdown.cancel();
    tasks.wait().await;
    assert!(tasks.gone().is_empty());
}

#[test]
fn a_thread_outlives_the_panics_of_its_jobs() {
    let tasks = tasks(Duration::from_mins(1));
    let runs = AtomicU32::new(0);
    again_after_panics(NAME, &tasks.restarts, || {
        assert!(runs.fetch_add(1, Ordering::Relaxed) >= 2, "one of the first");
    });
    assert_eq!((runs.into_inner(), restarts(&tasks)), (3, 2));
}
