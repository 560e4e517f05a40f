/** @module What requests may say about a user. */
import { z } from "zod";
import { urlFormats } from "./url-formats.ts";
import { format } from "./validate.ts";

const email = () => format("email", (text) => /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text));
const phone = () => z.string().regex(/^\+[0-9]{1,15}$/);
const text = (max: number) => z.string().min(1).max(max);
const metadata = () => z.looseObject({});

/** POST /users. */
export const userCreate = z.strictObject({
  email: email().optional(),
  phone_number: phone().optional(),
  user_metadata: metadata().optional(),
  blocked: z.boolean().optional(),
  email_verified: z.boolean().optional(),
  phone_verified: z.boolean().optional(),
  app_metadata: metadata().optional(),
  given_name: text(150).optional(),
  family_name: text(150).optional(),
  name: text(300).optional(),
  nickname: text(300).optional(),
  picture: urlFormats.webUrl().optional(),
  user_id: z.string().max(255).regex(/^\S*$/).optional(),
  connection: z.string().min(1),
  password: z.string().min(1).optional(),
  verify_email: z.boolean().optional(),
  username: text(128).optional(),
});

/** PATCH /users/{id}; null removes what may be absent. */
export const userUpdate = z
  .strictObject({
    blocked: z.boolean().optional(),
    email_verified: z.boolean().optional(),
    email: email().optional(),
    phone_number: phone().nullish(),
    phone_verified: z.boolean().optional(),
    user_metadata: metadata().optional(),
    app_metadata: metadata().optional(),
    given_name: text(150).nullish(),
    family_name: text(150).nullish(),
    name: text(300).nullish(),
    nickname: text(300).nullish(),
    picture: urlFormats.webUrl().nullish(),
    verify_email: z.boolean().optional(),
    verify_phone_number: z.boolean().optional(),
    password: z.string().min(1).optional(),
    connection: z.string().min(1).optional(),
    client_id: z.string().min(1).optional(),
    username: text(128).optional(),
  })
  .refine((body) => Object.keys(body).length > 0, {
    error: "Too few properties defined (0), minimum 1",
  });

export type UserCreate = z.infer<typeof userCreate>;
export type UserUpdate = z.infer<typeof userUpdate>;

/** There is no mail here. */
export const inertUserFields: readonly string[] = ["verify_email", "verify_phone_number"];
