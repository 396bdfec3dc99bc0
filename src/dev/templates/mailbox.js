// Asks every two seconds and reloads when the list has changed, so that nothing flickers while somebody reads.
const shown = Number(document.documentElement.dataset.count);
const newest = document.documentElement.dataset.newest;
setInterval(async () => {
  try {
    const response = await fetch("/__dev/mail.json");
    const mail = await response.json();
    const latest = mail.length ? mail[0].at : "";
    if (mail.length !== shown || latest !== newest) location.reload();
  } catch {
    // The gateway is being restarted.
  }
}, 2000);
