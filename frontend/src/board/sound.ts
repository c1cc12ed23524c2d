/** Two tones for a new alarm; four for red and orange. Browsers allow it after a click only. */

const KEY = "anlan.alarm-sound";
let context: AudioContext | null = null;

export function soundOn(): boolean {
  return localStorage.getItem(KEY) === "on";
}

export function setSound(on: boolean): void {
  localStorage.setItem(KEY, on ? "on" : "off");
  if (on) beep(3);
}

export function beep(severity: number): void {
  context ??= new AudioContext();
  if (context.state === "suspended") void context.resume();
  const tones = severity <= 2 ? [880, 660, 880, 660] : [660, 550];
  tones.forEach((pitch, place) => tone(context as AudioContext, pitch, place * 0.22));
}

function tone(audio: AudioContext, pitch: number, after: number): void {
  const start = audio.currentTime + after;
  const [source, gain] = [audio.createOscillator(), audio.createGain()];
  source.frequency.value = pitch;
  gain.gain.setValueAtTime(0.0001, start);
  gain.gain.exponentialRampToValueAtTime(0.25, start + 0.02);
  gain.gain.exponentialRampToValueAtTime(0.0001, start + 0.2);
  source.connect(gain).connect(audio.destination);
  source.start(start);
  source.stop(start + 0.22);
}
