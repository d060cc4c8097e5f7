// Octokit with its own retry and throttling plugins, set up as their READMEs say.

import { readFile } from "node:fs/promises";
import { Octokit } from "@octokit/rest";
import { retry } from "@octokit/plugin-retry";
import { throttling } from "@octokit/plugin-throttling";

const job = JSON.parse(await readFile(process.argv[2], "utf8"));
const Client = Octokit.plugin(retry, throttling);

async function one(name) {
  const [owner, repo] = name.split("/");
  const octokit = new Client({
    auth: job.token,
    baseUrl: job.url,
    log: { debug() {}, info() {}, warn: console.error, error: console.error },
    request: {
      // It has no timeout of its own; this is fetch's way to one, for each try.
      fetch: (url, options) =>
        fetch(url, { ...options, signal: AbortSignal.timeout(job.timeout * 1000) }),
    },
    throttle: {
      id: name, // else all clients of a process share one queue
      onRateLimit: () => true,
      onSecondaryRateLimit: () => true,
    },
  });
  const failed = [];
  for (const title of job.titles) {
    try {
      await octokit.rest.issues.create({ owner, repo, title, body: "Text." });
    } catch (error) {
      failed.push(title);
      console.error(`${name}: ${title}: ${error}`);
    }
  }
  return [name, failed];
}

const errors = Object.fromEntries(await Promise.all(job.repos.map(one)));
console.log(JSON.stringify({ errors }));
