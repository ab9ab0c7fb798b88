package reports

// japanesePromises explain the names of promises, which stay as they are: people
// look them up in scenarios and verdicts.
var japanesePromises = map[string]string{
	"no-loss":         "受理したメールを失わない",
	"integrity":       "内容が変わらない",
	"no-invention":    "送られていないメールが届かない",
	"duplicates":      "理由のない二重配送がない",
	"spare-complete":  "予備コピーが揃っている",
	"spare-timely":    "予備コピーが間に合う",
	"spare-clean":     "予備に不正なメールが混ざらない",
	"acceptance":      "受け付け続ける",
	"sending-goes-on": "送信が続けられる",
	"drain":           "滞留が期限内に解消する",
	"isolation":       "他のテナントに影響しない",
	"retry-manners":   "再送が節度を保つ",
	"no-early-bounce": "早すぎる不達通知がない",
	"alarm":           "警報が間に合う",
	"footprint":       "資源の使用が限度内",
}

// japanese is the page's words in Japanese, by the English ones.
var japanese = map[string]string{
	"PASS": "合格", "FAIL": "不合格", "INCONCLUSIVE": "判定不能",
	"pass": "合格", "fail": "不合格", "inconclusive": "判定不能",
	" (%d as foreseen)": "（うち想定どおり %d 件）",
	"holds":             "成立", "does not hold": "不成立",
	"Skip to the promises": "約束へ移動", "Contents": "目次", "seed": "シード", "scale": "規模",
	"Promises": "約束", "forecast": "予測", "verdict": "判定", "promise": "約束", "what was seen": "観測結果",
	"witnesses": "証拠のメール", "Not asked by this scenario": "このシナリオでは問わない約束",
	"Premises": "前提", "What must hold before a promise means anything": "約束が意味を持つための前提",
	"Witnesses": "証拠のメール",
	"Messages that show why a promise is not kept; each opens to its whole story.": "約束が" +
		"守られなかったことを示すメール。開くと全経過が読めます。",
	"The run": "この実行", "Repeat it": "再実行", "Retry settings of the relay": "リレーの再送設定",
	"What was changed in the relay's configuration": "リレーの設定に加えた変更",
	"Times are those of the incident":               "時刻は障害当時のもの",
	"Figures behind this chart":                     "このグラフの数値",
	"%s of scenario time in %s":                     "シナリオ時間 %s を実時間 %s で再現",
	"clock":                                         "時計", "%d of %d promises kept": "約束 %[2]d 件中 %[1]d 件を達成",
	", %d broken": "、%d 件が不履行", ", %d inconclusive": "、%d 件が判定不能",
	", %d not tested":        "、%d 件は未試験",
	"; the run ended as: %s": "、実行の終わり方: %s", "%d of %d hold.": "%[2]d 件中 %[1]d 件が成立。",
	"relay": "リレー", "started": "開始", "took": "所要時間", "ended": "終わり方", "machine": "実行環境",
	"hansei": "hansei", "run folder": "実行フォルダー",
	"The picture": "全体図", "Shaded: the outage. All charts share the time of the incident.": "網掛けは" +
		"障害の時間帯。すべてのグラフは障害当時の時刻で揃えてあります。",
	"The drain, close up": "滞留解消の詳細", "Backlog after the heal": "復旧後の滞留",
	"Accepted, delivered and copied after the heal": "復旧後の受理・配送・予備コピー",
	"Attempts in vain after the heal":               "復旧後の失敗した試行", "The clock": "時計",
	"Backlog of the affected cohorts": "影響を受けた集団の滞留",
	"Accepted, delivered and copied":  "受理・配送・予備コピー", "Attempts in vain": "失敗した試行",
	"%s of the %s pairs that waited at the heal still waited at the end.": "復旧時に待っていた %[2]s 組の" +
		"うち %[1]s 組が最後まで残った。",
	"%s pairs waited at the heal; the last was delivered %s after it, at %s.": "復旧時に %s 組が待ち、" +
		"最後の配送は復旧の %s 後、%s。",
	"Each cohort": "集団ごと", "cohort": "集団", "in the incident": "障害との関係", "accepted": "受理",
	"delivered": "配送", "spare copies": "予備コピー", "most waiting": "最大滞留", "oldest waited": "最長待ち",
	"affected": "影響あり", "control": "対照", "How long things took": "所要時間の分布",
	"From due to accepted": "送信予定から受理まで", "From accepted to delivered": "受理から配送まで",
	"From accepted to the spare copy":         "受理から予備コピーまで",
	"Phases, by the moment a message was due": "時期ごと(送信予定の時刻による)",
	"Times are p50 / p99 of scenario time.":   "時間はシナリオ時間の p50 / p99。",
	"phase":                                   "時期", "from–until": "時間帯", "offered": "送信",
	"at first try": "初回で受理", "to accept": "受理まで", "to deliver": "配送まで", "spare copy": "予備コピー",
	"The fate of every pair": "すべての組の行方", "A pair is one recipient of one message.": "組とは、" +
		"メール一通と宛先一つの組み合わせです。",
	"fate": "行方", "pairs": "組", "share": "割合", "bounced": "不達通知", "queued": "キュー内",
	"lost": "紛失", "unaccounted": "不明", "second deliveries, unexplained": "二重配送(理由なし)",
	"second deliveries, explained": "二重配送(理由あり)", "Messages": "メール", "messages": "メール",
	"count": "件数", "refused": "拒否", "never answered": "応答なし",
	"more, that had to be filtered": "ほかに除去すべきもの", "The mail": "メール",
	"Replies by code": "応答コード別", "who answered": "応答元", "code": "コード", "stage": "段階",
	"fault": "故障", "first such reply": "最初の応答", "none": "なし", "Front ends": "フロントエンド",
	"endpoint": "種別", "address": "アドレス", "serves": "集団", "taken": "受領", "in vain": "失敗",
	"faults felt": "受けた故障", "%s lines in the middle are left out.": "途中の %s 行を省略。",
	"until": "まで", "outage": "障害", "before": "障害前", "drain": "解消", "after": "障害後",
	"What was broken, and when": "何がいつ壊れたか",
	"One bar for each fault, as high as the share of sessions that it hit.": "故障ごとに一本。" +
		"高さは影響したセッションの割合。",
	"what": "故障", "from": "から", "network": "ネットワーク",
	"Most at once: %s pairs (%s) at %s. The oldest waited %s.": "最大 %s 組(%s)、%s。" +
		"最長の待ち時間は %s。",
	"affected cohorts": "影響を受けた集団", "pairs waiting": "待っている組", "peak %s": "最大 %s",
	"drained %s": "解消 %s", "Pairs a minute of scenario time, of all cohorts.": "シナリオ時間 1 分あたりの組数、" +
		"全集団の合計。",
	"pairs a minute": "組/分", "Age of the oldest pair that waits": "最も古い待ちの経過時間",
	"For each cohort, at the end of each bin; thin lines are cohorts that nothing touched.": "集団ごと。" +
		"細い線は影響を受けなかった集団。",
	"hours": "時間", "at affected front ends": "影響を受けた宛先", "at all others": "その他の宛先",
	"Attempts a minute that brought no message, without those at the spare store.": "1 分あたりの" +
		"失敗した試行(予備の保管先を除く)。",
	"attempts a minute": "試行/分", "rate": "速度", "The clock's rate": "時計の速度",
	"Seconds of scenario time in a second on the wall, mean of each bin.": "実時間 1 秒あたりの" +
		"シナリオ時間(秒)、区間の平均。",
	"The share of all that took at most so long, by the phase in which the message was due. " +
		"Further left is faster.": "その時間以内に済んだ割合。左ほど速い。",
	"RUNNING": "実行中", "The run goes on; this page follows it.": "実行中です。このページは自動で更新されます。",
	"how much of the scenario is over": "シナリオの進み具合", "Pause": "一時停止", "Go on": "再開",
	"Stop in good order": "正しく終了", "The run is over and is being judged.": "実行が終わり、判定しています。",
	"hansei does not answer.": "hansei が応答しません。", "scenario clock": "シナリオの時刻", "paused": "一時停止中",
	"waiting": "待ち", "done": "完了", "time left": "残り時間", "Backlog": "滞留", "Faults felt": "受けた故障",
	"all cohorts": "全集団", "now": "現在",
}
