// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/document/Document.h"

#include <opencv2/core.hpp>

#include <QAbstractListModel>
#include <QImage>

#include <vector>

namespace masque {

/// Faces that a person gave a class while watching: pictures in the open dataset, the newest first. Where the dataset
/// has class folders they lie there, else in its folder `live`; each has a LabelMe file with the class as a flag, and
/// where and when it was seen. Before them stand faces that wait for a class (those the network was unsure of): they
/// lie in the dataset's `.masque/uncertain`, also the next time it is opened, and are no part of it.
class CapturedFaces : public QAbstractListModel {
    Q_OBJECT
public:
    CapturedFaces(Document &document, JobRunner &jobs, QObject *parent = nullptr);

    struct Face {
        cv::Mat rgb;
        std::string label, source; ///< label empty: the face waits for its class
        double timeS = 0;
        int track = 0;
        std::string guess = {}; ///< the network's, of one that waits
    };
    /// Written by a job; failed() if that cannot be. The same face of the same moment takes the place of what it was.
    void add(Face face);
    void give(int row, const std::string &label); ///< another class, or the one that it waits for
    void remove(int row);                         ///< its files, too
    int waiting() const;                          ///< faces without a class
    int joined() const { return m_joined; } ///< files that the open dataset does not list yet, taken back ones counted
    void reopenDataset();                   ///< so that it lists them

    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;

Q_SIGNALS:
    void failed(const QString &message);
    void changed();

private:
    struct Entry {
        QImage picture;
        Face face;        ///< without its picture
        std::string file; ///< absolute, empty until it is written
    };
    void write(const std::shared_ptr<Entry> &entry, const std::string &before);
    void readWaiting();
    void insert(const std::shared_ptr<Entry> &entry);
    void drop(const std::shared_ptr<Entry> &entry);
    std::string openRoot() const;

    Document &m_document;
    JobRunner &m_jobs;
    std::vector<std::shared_ptr<Entry>> m_entries;
    std::string m_root; ///< of the dataset that they joined
    int m_joined = 0;
};

/// Where a new picture of this class goes: the folder of the class, or `live` where the dataset has no such folders;
/// absolute. An error where images are no files of their own (FER-2013's table).
Result<std::string> folderForClass(const Dataset &, const std::string &label);

} // namespace masque
