// face-api.js (@vladmandic/face-api) under Node, on TensorFlow.js' WebAssembly with one thread.
//
//   node face_api.js NODE_FOLDER FOLDER expression|tiny|ssd
//
// The protocol is that of __init__.py beside this file. Items are grey, uint8; the library gets them with three equal
// channels, as int32 tensors. It enlarges a crop to 112x112 and a frame to what its detector wants by itself.
"use strict";

const fs = require("fs");
const path = require("path");
const readline = require("readline");
const { createRequire } = require("module");

const [nodeFolder, folder, kind] = process.argv.slice(2);
const fromFolder = createRequire(path.join(path.resolve(nodeFolder), "package.json"));
const answer = (object) => fs.writeSync(1, JSON.stringify(object) + "\n");
// What a package logs on standard output must not stand between the answers.
console.log = console.error;

const LABELS = ["neutral", "happy", "sad", "angry", "fearful", "disgusted", "surprised"];
const LEAST_SCORE = 0.05;
const WEIGHTS = {
  expression: "face_expression_model.bin",
  tiny: "tiny_face_detector_model.bin",
  ssd: "ssd_mobilenetv1_model.bin",
};

async function load() {
  const wasm = fromFolder("@tensorflow/tfjs-backend-wasm");
  wasm.setWasmPaths(path.dirname(fromFolder.resolve("@tensorflow/tfjs-backend-wasm")) + path.sep);
  wasm.setThreadsCount(1);
  const faceapi = fromFolder("@vladmandic/face-api/dist/face-api.node-wasm.js");
  await faceapi.tf.setBackend("wasm");
  await faceapi.tf.ready();
  const home = path.dirname(fromFolder.resolve("@vladmandic/face-api/package.json"));
  const models = path.join(home, "model");
  const nets = faceapi.nets;
  const net = { expression: nets.faceExpressionNet, tiny: nets.tinyFaceDetector, ssd: nets.ssdMobilenetv1 }[kind];
  await net.loadFromDisk(models);
  const options = {
    tiny: new faceapi.TinyFaceDetectorOptions({ inputSize: 416, scoreThreshold: LEAST_SCORE }),
    ssd: new faceapi.SsdMobilenetv1Options({ minConfidence: LEAST_SCORE, maxResults: 100 }),
  }[kind];

  async function expressions(tensor) {
    const found = await net.predictExpressions(tensor);
    return LABELS.map((label) => found[label]);
  }

  async function boxes(tensor) {
    const found = await faceapi.detectAllFaces(tensor, options);
    return found.map(({ box, score }) => [box.left, box.top, box.right, box.bottom, score]);
  }

  return {
    ready: {
      version: "face-api " + fromFolder("@vladmandic/face-api/package.json").version,
      bytes: fs.statSync(path.join(models, WEIGHTS[kind])).size,
      labels: kind === "expression" ? LABELS : [],
    },
    async read(pixels, height, width) {
      const tensor = faceapi.tf.tensor3d(pixels, [height, width, 3], "int32");
      try {
        return await (kind === "expression" ? expressions(tensor) : boxes(tensor));
      } finally {
        tensor.dispose();
      }
    },
  };
}

function threeChannels(file, [offset, [height, width]]) {
  const grey = Buffer.alloc(height * width);
  fs.readSync(file, grey, 0, grey.length, offset);
  const pixels = new Int32Array(grey.length * 3);
  for (let i = 0; i < grey.length; i++) pixels[3 * i] = pixels[3 * i + 1] = pixels[3 * i + 2] = grey[i];
  return { pixels, height, width };
}

async function main() {
  const { items } = JSON.parse(fs.readFileSync(path.join(folder, "items.json"), "utf8"));
  const file = fs.openSync(path.join(folder, "items.bin"), "r");
  const subject = await load();
  answer({ ready: subject.ready });
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const [start, stop] = JSON.parse(line);
    const rows = [];
    const ns = [];
    for (let i = start; i < stop; i++) {
      const { pixels, height, width } = threeChannels(file, items[i]);
      const begun = process.cpuUsage();
      const row = await subject.read(pixels, height, width);
      const { user, system } = process.cpuUsage(begun);
      // A clock of microseconds may not have moved.
      ns.push(Math.max(1, user + system) * 1000);
      rows.push(row);
    }
    answer({ rows, ns });
  }
}

main().catch((error) => {
  console.error(String(error && error.message ? error.message : error));
  process.exit(1);
});
