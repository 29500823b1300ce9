// Eyes on the paper: a sound and one spoken word for each page, so that nobody has to look up from the pile.
(() => {
  "use strict";
  const KEEP = "anjuan.voice";
  const button = document.getElementById("voice-switch");
  let on = true;
  try { on = localStorage.getItem(KEEP) !== "off"; } catch { /* a browser that keeps nothing: sound stays on */ }
  let audio = null;

  function tone(good) {
    const Context = window.AudioContext ?? window.webkitAudioContext;
    if (!Context) return;
    audio ??= new Context();
    if (audio.state === "suspended") audio.resume();
    const [voice, gain] = [audio.createOscillator(), audio.createGain()];
    voice.frequency.value = good ? 880 : 220;
    gain.gain.setValueAtTime(0.15, audio.currentTime);
    gain.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + (good ? 0.15 : 0.45));
    voice.connect(gain).connect(audio.destination);
    voice.start();
    voice.stop(audio.currentTime + (good ? 0.16 : 0.5));
  }

  function speak(text) {
    if (!window.speechSynthesis) return;
    const said = new SpeechSynthesisUtterance(text);
    said.lang = document.documentElement.lang.startsWith("zh") ? "zh-CN" : "en";
    said.rate = 1.2;
    speechSynthesis.cancel(); // the newest page counts; words never queue up behind the pile
    speechSynthesis.speak(said);
  }

  // One word for one page. It also stands on the screen for a moment, for rooms where nothing may sound.
  let fading = 0;
  window.anjuanEyes = (good, text) => {
    const place = document.getElementById("eye-word");
    if (place) {
      place.textContent = text;
      place.className = `word ${good ? "good" : "bad"}`;
      clearTimeout(fading);
      fading = setTimeout(() => { place.textContent = ""; }, good ? 900 : 2500);
    }
    if (!on) return;
    tone(good);
    speak(text);
  };

  if (!button) return;
  const show = () => button.setAttribute("aria-pressed", String(on));
  show();
  button.addEventListener("click", () => {
    on = !on;
    try { localStorage.setItem(KEEP, on ? "on" : "off"); } catch { /* kept for this page only */ }
    show();
  });
})();
