-- name: SaveReadiness :execrows
INSERT INTO readiness (event, region, unit, at, verdict, socket, udp, tcp, tls, kbps, loss, rtt, sound, camera, mic, times)
SELECT sqlc.arg(event), sqlc.arg(region), sqlc.arg(unit), sqlc.arg(at), sqlc.arg(verdict), sqlc.arg(socket), sqlc.arg(udp),
    sqlc.arg(tcp), sqlc.arg(tls), sqlc.arg(kbps), sqlc.arg(loss), sqlc.arg(rtt), sqlc.arg(sound), sqlc.arg(camera), sqlc.arg(mic), 1
WHERE (SELECT count(*) FROM readiness WHERE event = sqlc.arg(event)) < CAST(sqlc.arg(most) AS INTEGER)
    OR EXISTS (SELECT 1 FROM readiness WHERE event = sqlc.arg(event) AND region = sqlc.arg(region) AND unit = sqlc.arg(unit))
ON CONFLICT (event, region, unit) DO UPDATE SET
    unit = excluded.unit, at = excluded.at, verdict = excluded.verdict, socket = excluded.socket, udp = excluded.udp,
    tcp = excluded.tcp, tls = excluded.tls, kbps = excluded.kbps, loss = excluded.loss, rtt = excluded.rtt,
    sound = excluded.sound, camera = excluded.camera, mic = excluded.mic, times = readiness.times + 1;

-- name: Readiness :many
SELECT * FROM readiness WHERE event = ? ORDER BY region, unit;

-- name: CopyReadiness :execrows
INSERT INTO readiness (event, region, unit, at, verdict, socket, udp, tcp, tls, kbps, loss, rtt, sound, camera, mic, times)
SELECT sqlc.arg(event), sqlc.arg(region), sqlc.arg(unit), sqlc.arg(at), sqlc.arg(verdict), sqlc.arg(socket), sqlc.arg(udp),
    sqlc.arg(tcp), sqlc.arg(tls), sqlc.arg(kbps), sqlc.arg(loss), sqlc.arg(rtt), sqlc.arg(sound), sqlc.arg(camera), sqlc.arg(mic), sqlc.arg(times)
WHERE (SELECT count(*) FROM readiness WHERE event = sqlc.arg(event)) < CAST(sqlc.arg(most) AS INTEGER)
    OR EXISTS (SELECT 1 FROM readiness WHERE event = sqlc.arg(event) AND region = sqlc.arg(region) AND unit = sqlc.arg(unit))
ON CONFLICT (event, region, unit) DO UPDATE SET
    unit = excluded.unit, at = excluded.at, verdict = excluded.verdict, socket = excluded.socket, udp = excluded.udp,
    tcp = excluded.tcp, tls = excluded.tls, kbps = excluded.kbps, loss = excluded.loss, rtt = excluded.rtt,
    sound = excluded.sound, camera = excluded.camera, mic = excluded.mic, times = max(excluded.times, readiness.times)
WHERE excluded.at > readiness.at;
