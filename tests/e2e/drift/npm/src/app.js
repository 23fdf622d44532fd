import ms from "ms";

export const patience = ms("2 minutes");
