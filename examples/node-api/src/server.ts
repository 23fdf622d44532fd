import { pino } from "pino";
import { createApp } from "./app.js";

const logger = pino({ level: process.env.LOG_LEVEL ?? "info" });
const port = Number(process.env.PORT ?? 3000);

const server = createApp(logger).listen(port, () => logger.info({ port }, "listening"));

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => server.close(() => process.exit(0)));
}
