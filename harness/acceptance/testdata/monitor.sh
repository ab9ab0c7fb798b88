#!/bin/sh
# An operator's monitor: more than five deferred messages make an alarm.
tell() {
	curl -sf -H 'Content-Type: application/json' --data "$1" "$HANSEI_ALERTS_URL"
}
fired=
while :; do
	n=$(postqueue -c "$HANSEI_CONFIG" -j | grep -c '"queue_name": "deferred"')
	if [ "$n" -gt 5 ] && [ -z "$fired" ]; then
		tell "{\"name\":\"queue\",\"text\":\"$n messages are deferred\"}" && fired=1
	elif [ "$n" -eq 0 ] && [ -n "$fired" ]; then
		tell '{"name":"queue","status":"resolved"}' && fired=
	fi
	sleep 60
done
