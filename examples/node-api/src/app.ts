// The API: tasks kept in memory. Separate from server.ts so that it can be used without a port.
import express, { type Express, type NextFunction, type Request, type Response } from "express";
import type { Logger } from "pino";
import { pinoHttp } from "pino-http";
import { z } from "zod";

const NewTask = z.object({
  title: z.string().trim().min(1).max(200),
  done: z.boolean().default(false),
});

type Task = z.infer<typeof NewTask> & { id: number };

export function createApp(logger: Logger): Express {
  const tasks = new Map<number, Task>();
  let nextId = 1;

  const app = express();
  app.disable("x-powered-by");
  app.use(pinoHttp({ logger }));
  app.use(express.json({ limit: "16kb" }));

  app.get("/healthz", (_request, response) => {
    response.json({ status: "ok" });
  });

  app.get("/tasks", (_request, response) => {
    response.json([...tasks.values()]);
  });

  app.post("/tasks", (request, response) => {
    const parsed = NewTask.safeParse(request.body);
    if (!parsed.success) {
      response.status(400).json({ error: "invalid task", issues: parsed.error.issues });
      return;
    }
    const task = { id: nextId++, ...parsed.data };
    tasks.set(task.id, task);
    response.status(201).location(`/tasks/${task.id}`).json(task);
  });

  app.delete("/tasks/:id", (request, response) => {
    response.status(tasks.delete(Number(request.params.id)) ? 204 : 404).end();
  });

  app.use((error: Error & { status?: number }, _request: Request, response: Response, _next: NextFunction) => {
    const status = error.status ?? 500;
    response.status(status).json({ error: status < 500 ? error.message : "internal error" });
  });

  return app;
}
