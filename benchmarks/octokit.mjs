// Octokit, with its throttling plugin or without: node octokit.mjs (plain|throttled) job.json

import { readFile } from "node:fs/promises";
import { Octokit } from "@octokit/rest";
import { throttling } from "@octokit/plugin-throttling";

const [kind, path] = process.argv.slice(2);
const job = JSON.parse(await readFile(path, "utf8"));
const [owner, repo] = job.repo.split("/");
const Client = kind === "throttled" ? Octokit.plugin(throttling) : Octokit;
const octokit = new Client({
  auth: job.token,
  baseUrl: job.url,
  throttle: { onRateLimit: () => true, onSecondaryRateLimit: () => true },
});
let next = 0;
async function worker() {
  while (next < job.issues.length) {
    await octokit.rest.issues.create({ owner, repo, ...job.issues[next++] });
  }
}
const begun = performance.now();
await Promise.all(Array.from({ length: 50 }, worker));
console.log(JSON.stringify({ seconds: (performance.now() - begun) / 1000 }));
